// Copyright nobody.

import Foundation

/// A shape.
@objc
public final class Shape<T: Equatable>: Base, Drawable {
    let sides: Int

    var area: Double { return 0 }

    var name: String {
        get { "x" }
        set { print(newValue) }
    }

    var stored = 1 {
        didSet { print(stored) }
    }

    /// Makes one.
    public required init?(sides: Int) {
        self.sides = sides
    }

    deinit {
        print("gone")
    }

    subscript(index: Int) -> Int {
        return index
    }

    static func == (lhs: Shape, rhs: Shape) -> Bool {
        return true
    }

    @discardableResult
    func map<R>(_ f: (T) throws -> R) rethrows -> [R] where R: Hashable {
        return []
    }
}

extension Shape: CustomStringConvertible where T: Comparable {
    var description: String { "shape" }

    func extended() {}
}

protocol Drawable: AnyObject {
    var area: Double { get }
    func draw(in context: Context)
}

enum Color: String {
    case red, green

    func label() -> String { rawValue }
}

struct Point { var x = 0 }

actor Counter {
    private var value = 0
    func increment() async { value += 1 }
}

func longOne(items: [String]) throws -> Int {
    guard !items.isEmpty else {
        return 0
    }
    var count = 0
    for item in items {
        switch item {
        case "a":
            count += 1
        case "b":
            count += 2
        default:
            count += 3
        }
    }

    func helper(_ x: Int) -> Int {
        return x + 1
    }

    // then the rest
    items.forEach { item in
        print(item)
        count = helper(count)
    }
    return count
}
