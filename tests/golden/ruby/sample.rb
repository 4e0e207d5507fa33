# frozen_string_literal: true

require 'set'

=begin
A block comment about shapes.
=end
module Geo::Flat
  LIMIT = 10

  # A shape.
  #
  # It has sides.
  class Shape < Base
    attr_reader :sides

    def self.make(sides) = new(sides)

    def initialize(sides)
      @sides = sides
    end

    def empty; end

    # Equal?
    def ==(other)
      other.sides == sides
    end

    def [](index) sides[index] end
    def valid?; true; end
    def name=(value)
      @name = value
    end

    class << self
      def inside
        1
      end
    end

    # Hidden.
    private def secret
      2
    end

    define_method(:dynamic) { |x| x }

    private

    def really_private
      yield
    rescue StandardError => e
      raise e
    ensure
      close
    end
  end

  Point = Struct.new(:x, :y) do
    def length
      x + y
    end
  end
end

def top_level(x)
  x
end

def Geo.singleton
  3
end

describe 'something' do
  it 'works' do
    def local; end
    expect(1).to eq(1)
  end
end

def long_one(items)
  items.each do |item|
    if item.nil?
      next
    elsif item == 1
      puts 'one'
    else
      puts item
    end
  end

  # count them
  case items.size
  when 0
    puts 'none'
  when 1
    puts 'one'
  else
    puts 'many'
  end

  begin
    risky
    more
    again
  rescue ArgumentError
    retry
  end
end
