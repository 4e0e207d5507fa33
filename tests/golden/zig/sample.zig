//! Shapes.
const std = @import("std");

const limit: u32 = 10;

/// A point.
pub const Point = struct {
    x: f32,
    y: f32 = 0,

    /// Makes one.
    pub fn init(x: f32) Point {
        return .{ .x = x };
    }

    const Self = @This();

    pub inline fn length(self: Self) f32 {
        return self.x;
    }
};

const Color = enum { red, green };

const Value = union(enum) {
    int: i64,
    none,

    pub fn isNone(self: Value) bool {
        return self == .none;
    }
};

/// A list of anything.
pub fn List(comptime T: type) type {
    return struct {
        items: []T,

        pub fn append(self: *@This(), item: T) !void {
            _ = self;
            _ = item;
        }
    };
}

extern fn external(x: c_int) c_int;

export fn exported() void {}

// Does a lot.
pub fn longOne(items: []const u32) !u32 {
    var count: u32 = 0;
    for (items) |item| {
        switch (item) {
            0 => {
                count += 1;
                count += 2;
            },
            1 => {
                count += 3;
                count += 4;
            },
            else => count += 5,
        }
    }

    // then
    while (count > 100) : (count -= 1) {
        if (count == 50) {
            break;
        }
    }

    defer {
        std.debug.print("done", .{});
    }

    return count;
}

test "adds up" {
    try std.testing.expect(true);
}

test Point {
    _ = Point.init(1);
}
