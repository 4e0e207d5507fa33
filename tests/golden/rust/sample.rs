//! Shapes and their areas.

use std::fmt;

/// A point.
#[derive(
    Debug,
    Clone,
)]
pub struct Point<T> {
    x: T,
    y: T,
}

#[derive(Debug)] #[repr(u8)]
enum Color { Red, Green }

/// Has an area.
pub trait Area {
    const SIDES: usize;

    fn area(&self) -> f64;

    /// Twice the area.
    fn double(&self) -> f64 {
        self.area() * 2.0
    }
}

impl<T: Copy> Point<T> {
    /// Makes one.
    #[inline]
    pub fn new(x: T, y: T) -> Self {
        Self { x, y }
    }

    const ORIGIN: i32 = 0;

    pub const unsafe fn raw(&self) -> *const T { &self.x }
}

impl<'a, T> fmt::Display for &'a Point<T>
where
    T: fmt::Display,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "({}, {})", self.x, self.y)
    }
}

macro_rules! square {
    ($x:expr) => {
        $x * $x
    };
}

cfg_net! {
    /// Only with the network.
    pub fn connect(address: &str) -> bool {
        address.is_empty()
    }
}

mod inner {
    pub fn visible() -> i32 { 1 }
}

union Bits { a: u32, b: f32 }

pub async fn long(values: &[i32]) -> Result<i32, String> {
    let mut sum = 0;
    for value in values {
        match value {
            0 => continue,
            1 => {
                sum += 1;
                sum += 2;
                sum += 3;
            }
            // everything else
            other => {
                sum += other;
                sum -= 1;
                sum -= 2;
                sum -= 3;
            }
        }
    }

    fn helper(x: i32) -> i32 {
        x + 1
    }

    let closure = |x: i32| {
        helper(x)
    };
    if closure(sum) > 3 {
        return Err("too much".into());
    }
    Ok(sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn squares() {
        assert_eq!(square!(2), 4);
    }
}
