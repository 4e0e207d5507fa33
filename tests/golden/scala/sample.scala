/*
 * Copyright nobody.
 */
package shapes

import scala.collection.mutable

/** A shape. */
@deprecated("no", "1")
sealed abstract class Shape[T](val sides: Int) extends Base with Ordered[Shape[T]] {
  private val cache = mutable.Map.empty[Int, T]

  def area: Double

  // Compares.
  override def compare(other: Shape[T]): Int = sides - other.sides

  def +(other: Shape[T]): Shape[T] =
    this

  val double = (x: Int) => x * 2

  private[this] def hidden[R](f: T => R)(implicit ev: Ordering[R]): R = {
    f(cache(0))
  }
}

object Shape {
  def apply(sides: Int): Shape[Int] = ???

  implicit val monoid: Monoid[Shape[Int]] = new Monoid[Shape[Int]] {
    def empty = Shape(0)
    def combine(a: Shape[Int], b: Shape[Int]) = a
  }
}

trait Area {
  def area: Double
  def twice: Double = area * 2
}

case class Point(x: Int, y: Int)

case object Origin

enum Color {
  case Red, Green
}

given intOrd: Ord[Int] with {
  def less(a: Int, b: Int) = a < b
}

extension (x: Int)
  def squared: Int =
    x * x

object Indented:
  def first =
    1

  // Second.
  def second =
    2

def longOne(items: List[String]): Int = {
  var count = 0
  for (item <- items) {
    item match {
      case "a" =>
        count += 1
        println("a")
      case "b" =>
        count += 2
        println("b")
      case _ =>
        count += 3
        println("other")
    }
  }

  def helper(x: Int): Int = {
    x + 1
  }

  // then
  items.foreach { item =>
    println(item)
    count = helper(count)
  }
  count
}
