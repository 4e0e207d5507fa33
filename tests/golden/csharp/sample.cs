// Licensed to nobody.
using System;

namespace Shapes.Flat
{
    /// <summary>
    /// A shape.
    /// </summary>
    [Serializable]
    public abstract class Shape<T> : IComparable<Shape<T>>
        where T : struct
    {
        private readonly int sides;

        public Shape(int sides) => this.sides = sides;

        ~Shape()
        {
        }

        public int Sides { get; private set; }

        /// <summary>Area.</summary>
        public double Area
        {
            get { return 0; }
            set
            {
                throw new NotSupportedException();
            }
        }

        public string Name => "shape";

        public int this[int index]
        {
            get => index;
        }

        public static Shape<T> operator +(Shape<T> a, Shape<T> b) => a;
        public static bool operator ==(Shape<T> a, Shape<T> b) { return true; }
        public static implicit operator int(Shape<T> shape) => shape.sides;

        public event EventHandler Changed { add { } remove { } }

        public abstract void Draw();

        // Compares.
        public int CompareTo(Shape<T> other)
        {
            int Local(int x)
            {
                return x;
            }
            return Local(1);
        }

        public async Task<R> MapAsync<R>(Func<T, R> f) where R : class
        {
            await Task.Delay(1);
            return null;
        }

        enum Kind { A, B }
    }

    public interface IDrawable
    {
        void Draw();
        int Twice(int x) => x * 2;
    }

    public record Point(int X, int Y);

    public struct Pair
    {
        public int First;
    }

    public delegate void Handler(object sender);

    public static class Program
    {
        public static void Main(string[] args)
        {
            foreach (var arg in args)
            {
                switch (arg)
                {
                    case "a":
                        Console.WriteLine("a");
                        break;
                    default:
                        Console.WriteLine("other");
                        break;
                }
            }

            try
            {
                Run();
            }
            catch (Exception e) when (e.Message != null)
            {
                Console.Error.WriteLine(e);
            }
            finally
            {
                Console.Out.Flush();
            }
        }
    }
}
