// Copyright nobody, under some license.
package shapes

import kotlin.math.PI

const val LIMIT = 10

/**
 * A shape.
 */
@Serializable
sealed class Shape<T : Any>(
    val sides: Int,
) : Base(), Comparable<Shape<T>> {

    constructor(name: String) : this(0) {
        println(name)
    }

    init {
        check(sides >= 0)
    }

    val area: Double
        get() = 0.0

    var name = "x"
        get() {
            return field
        }
        set(value) {
            field = value
        }

    // Compares.
    override fun compareTo(other: Shape<T>): Int = sides - other.sides

    abstract fun draw()

    suspend inline fun <reified R> map(crossinline f: (T) -> R): R {
        return f(TODO())
    }

    companion object {
        fun make() = Circle()
    }

    object Named {
        fun hidden() {
        }
    }

    enum class Color(val hex: String) {
        RED("f00"),
        GREEN("0f0");

        fun label() = name
    }
}

interface Area {
    fun area(): Double
    fun twice(): Double = area() * 2
}

data class Point(val x: Int, val y: Int)

fun String.shout(): String {
    return uppercase()
}

fun <T> List<T>.second(): T = this[1]

operator fun Point.plus(other: Point) = Point(x + other.x, y + other.y)

val listener = object : Listener {
    override fun onEvent(event: Event) {
        println(event)
    }
}

fun longOne(items: List<String>): Int {
    var count = 0
    for (item in items) {
        when (item) {
            "a" -> {
                count += 1
                println("a")
            }
            else -> {
                count += 2
                println("else")
            }
        }
    }

    fun helper(x: Int): Int {
        return x + 1
    }

    // then
    items.forEach { item ->
        println(item)
        count = helper(count)
    }
    return try {
        count
    } catch (e: Exception) {
        0
    }
}
