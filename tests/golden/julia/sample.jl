# Copyright nobody.
module Shapes

using LinearAlgebra

const LIMIT = 10

"""
    area(shape)

The area.
"""
function area(shape::Circle{T})::T where {T <: Real}
    return pi * shape.r^2
end

# Twice.
twice(x) = 2x

second(xs::Vector{T}) where {T} = xs[2]

"A shape."
abstract type Shape end

struct Circle{T} <: Shape
    r::T

    function Circle(r::T) where {T}
        new{T}(r)
    end
end

mutable struct Point
    x::Int
    y::Int
end

macro shout(text)
    return uppercase(text)
end

function Base.show(io::IO, shape::Shape)
    print(io, "shape")
end

square = x -> x^2

function long_one(items)
    count = 0
    for item in items
        if item == "a"
            count += 1
            println("a")
        elseif item == "b"
            count += 2
            println("b")
        else
            count += 3
            println("other")
        end
    end

    # then
    while count > 10
        count -= 1
        println(count)
    end

    map(items) do item
        println(item)
    end

    try
        risky()
    catch error
        rethrow(error)
    end

    return count
end

end
