//! An exact amount of rupiah, to four decimal places.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Sub, SubAssign};

const UNIT: i64 = 10_000;

/// Ten-thousandths of a rupiah; never a float.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Money(i64);

impl Money {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// Whole rupiah.
    pub const fn rupiah(whole: i64) -> Self {
        Self(whole * UNIT)
    }

    /// Ten-thousandths.
    pub const fn parts(parts: i64) -> Self {
        Self(parts)
    }

    /// Rupiah, the rest cut off.
    pub const fn whole(self) -> i64 {
        self.0 / UNIT
    }

    /// In ten-thousandths.
    pub const fn as_parts(self) -> i64 {
        self.0
    }

    /// A share in thousandths, rounded down to hundredths of a rupiah.
    #[must_use]
    pub fn share(self, thousandths: i64) -> Self {
        let parts = i128::from(self.0) * i128::from(thousandths) / 1000;
        Self(i64::try_from(parts - parts % 100).unwrap_or(i64::MAX))
    }

    /// As a JSON number is written: no grouping, no zeros at the end, no exponent.
    pub fn text(self) -> String {
        self.to_string()
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let (whole, rest) = (self.0.abs() / UNIT, self.0.abs() % UNIT);
        if rest == 0 {
            return write!(f, "{sign}{whole}");
        }
        let rest = format!("{rest:04}");
        write!(f, "{sign}{whole}.{}", rest.trim_end_matches('0'))
    }
}

impl Add for Money {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl AddAssign for Money {
    fn add_assign(&mut self, other: Self) {
        self.0 += other.0;
    }
}

impl Sub for Money {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl SubAssign for Money {
    fn sub_assign(&mut self, other: Self) {
        self.0 -= other.0;
    }
}

impl Sum for Money {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::ZERO, Add::add)
    }
}
