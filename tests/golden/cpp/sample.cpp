// Copyright somebody, licensed somehow.
#include <vector>

namespace geo {
namespace {

int hidden() { return 1; }

}  // namespace

/// A shape.
template <typename T>
class Shape : public Base {
 public:
  Shape() : sides_(0) {}
  virtual ~Shape() = default;

  /// Equal?
  bool operator==(const Shape& other) const { return true; }
  T operator()(int x) { return T(x); }
  operator bool() const { return sides_ > 0; }
  Shape& operator=(Shape&&) = delete;

  virtual double area() const = 0;
  static Shape* make(int sides);

  struct Point {
    int x;
    int y;
  };

 private:
  int sides_;
};

// Makes one.
template <typename T>
Shape<T>* Shape<T>::make(int sides) {
  return nullptr;
}

template <>
std::vector<int>& Shape<int>::items() const& { return items_; }

enum class Color : int { Red, Green };

}  // namespace geo

geo::Color geo::parse(const char* text) {
  return geo::Color::Red;
}

other::Thing::Thing(int x)
    : x_(x) {
}

other::Thing::~Thing() {}

extern "C" {
int exported(void) { return 0; }
}

extern "C" int single(void) { return 0; }

auto trailing(int x) -> decltype(x) { return x; }

std::ostream& operator<<(std::ostream& out, const Shape<int>& shape) {
  return out;
}

TEST(ShapeTest, HasArea) {
  EXPECT_EQ(1, 1);
}

int longOne(const std::vector<int>& values) {
  auto callback = [&](int value) {
    if (value > 1) {
      return value;
    }
    return 0;
  };

  int sum = 0;
  for (int value : values) {
    sum += callback(value);
  }
  try {
    sum += 1;
    sum += 2;
    sum += 3;
    sum += 4;
    sum += 5;
  } catch (const std::exception& e) {
    sum -= 1;
    sum -= 2;
    sum -= 3;
    sum -= 4;
  }
  return sum;
}
