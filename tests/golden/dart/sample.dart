// Copyright nobody.
import 'dart:async';

const limit = 10;

/// A shape.
///
/// It has sides.
@immutable
abstract class Shape<T> extends Base with Mixin implements Comparable<Shape<T>> {
  final int sides;

  /// Makes one.
  const Shape(this.sides);

  Shape.named({required this.sides}) : super() {
    print(sides);
  }

  factory Shape.from(String name) => throw UnimplementedError();

  double get area => 0;

  set area(double value) {
    print(value);
  }

  void draw();

  // Compares.
  @override
  int compareTo(Shape<T> other) {
    return sides - other.sides;
  }

  bool operator ==(Object other) => identical(this, other);

  static Future<int> load() async {
    return 1;
  }
}

mixin Mixin {
  void mixed() {}
}

extension Shout on String {
  String shout() => toUpperCase();
}

enum Color { red, green }

int twice(int x) => x * 2;

void main(List<String> args) {
  var count = 0;
  for (final arg in args) {
    switch (arg) {
      case 'a':
        count += 1;
        break;
      case 'b':
        count += 2;
        break;
      default:
        count += 3;
    }
  }

  int helper(int x) {
    return x + 1;
  }

  // then
  if (count > 3) {
    print('many');
    print(helper(count));
  } else {
    print('few');
  }

  print('end');
}
