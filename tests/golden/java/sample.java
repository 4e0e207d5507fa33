/*
 * Licensed under a licence.
 */
package shapes;

import java.util.List;

/**
 * A shape with sides.
 *
 * @since 1
 */
@Deprecated
public abstract class Shape<T> implements Comparable<Shape<T>> {

    private static final int LIMIT = 10;

    static {
        System.out.println("loaded");
    }

    private final Runnable runner = new Runnable() {
        @Override
        public void run() {
            System.out.println("run");
        }
    };

    /** Makes one. */
    public Shape(int sides) {
        this.sides = sides;
    }

    public abstract double area();

    // Compares.
    @Override
    public int compareTo(Shape<T> other) {
        return Double.compare(area(), other.area());
    }

    int sides;

    public <R> R map(java.util.function.Function<T, R> f) { return f.apply(null); } // inline

    interface Visitor {
        void visit(Shape<?> shape);

        default void done() {
        }
    }

    enum Color {
        RED {
            @Override
            String hex() { return "f00"; }
        },
        GREEN;

        String hex() { return "0f0"; }
    }

    record Point(int x, int y) {
        Point {
            if (x < 0) throw new IllegalArgumentException();
        }
    }

    @interface Marker {
        String value() default "";
    }

    void longOne(List<String> items) {
        try {
            for (String item : items) {
                System.out.println(item);
                System.out.println(item);
                System.out.println(item);
                System.out.println(item);
                System.out.println(item);
            }
        } catch (RuntimeException e) {
            System.out.println("one");
            System.out.println("two");
            System.out.println("three");
            System.out.println("four");
            System.out.println("five");
        } finally {
            System.out.println("six");
            System.out.println("seven");
            System.out.println("eight");
            System.out.println("nine");
            System.out.println("ten");
            System.out.println("eleven");
            System.out.println("twelve");
            System.out.println("thirteen");
            System.out.println("fourteen");
        }
    }
}

class Second { void only() {} }
