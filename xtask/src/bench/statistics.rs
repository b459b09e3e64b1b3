//! Medians, spreads, and the interval of a ratio.

use std::fmt;

/// Values of one measurement, in one unit.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Samples(pub Vec<f64>);

impl Samples {
    /// The value below which this part (0 to 1) of the samples lies, interpolated.
    pub fn quantile(&self, part: f64) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        let at = part * sorted.len().saturating_sub(1) as f64;
        let value = |index: f64| sorted.get(index as usize).copied().unwrap_or(f64::NAN);
        let (low, high) = (value(at.floor()), value(at.ceil()));
        low + (high - low) * at.fract()
    }

    /// The median.
    pub fn median(&self) -> f64 {
        self.quantile(0.5)
    }

    /// Median with first and third quartile, such as `12.3 (11.9 to 13.0)`; the median alone of one sample.
    pub fn spread(&self) -> String {
        let show = Number;
        let median = show(self.median());
        match self.0.len() {
            0 | 1 => median.to_string(),
            _ => {
                format!("{median} ({} to {})", show(self.quantile(0.25)), show(self.quantile(0.75)))
            }
        }
    }
}

/// Samples of two things that were measured in turn.
#[derive(Debug, Clone, Default)]
pub struct Pairs {
    /// Ours.
    pub ours: Samples,
    /// What it is compared with.
    pub theirs: Samples,
}

impl Pairs {
    /// Adds one of each.
    pub fn push(&mut self, ours: f64, theirs: f64) {
        self.ours.0.push(ours);
        self.theirs.0.push(theirs);
    }

    /// The ratio of the medians.
    pub fn ratio(&self) -> f64 {
        self.ours.median() / self.theirs.median()
    }

    /// The 95 % interval of the ratio: the middle of the ratios of pairs drawn with replacement (bootstrap).
    pub fn interval(&self) -> (f64, f64) {
        let mut random = Random(0x9e37_79b9_7f4a_7c15);
        let pairs: Vec<_> = self.ours.0.iter().zip(&self.theirs.0).collect();
        let draw = |random: &mut Random| {
            let mut drawn = Self::default();
            for _ in 0..pairs.len() {
                if let Some((ours, theirs)) = pairs.get(random.below(pairs.len())) {
                    drawn.push(**ours, **theirs);
                }
            }
            drawn.ratio()
        };
        let ratios = Samples((0..DRAWS).map(|_| draw(&mut random)).collect());
        (ratios.quantile(0.025), ratios.quantile(0.975))
    }
}

const DRAWS: usize = 2000;

/// A generator whose numbers are the same in each run (xorshift64), so that a table can be made again from its samples.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit.max(1) as u64) as usize
    }
}

/// A number with three digits that count.
pub struct Number(pub f64);

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.abs() {
            value if value >= 100.0 => write!(f, "{:.0}", self.0),
            value if value >= 10.0 => write!(f, "{:.1}", self.0),
            _ => write!(f, "{:.2}", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_median_lies_between_the_two_in_the_middle() {
        assert_eq!(Samples(vec![4.0, 1.0, 3.0, 2.0]).median(), 2.5);
        assert_eq!(Samples(vec![3.0, 1.0, 2.0]).quantile(0.25), 1.5);
        assert_eq!(Samples(vec![1.0, 2.0, 30.0]).spread(), "2.00 (1.50 to 16.0)");
    }

    #[test]
    fn the_interval_of_a_ratio_holds_the_ratio() {
        let mut pairs = Pairs::default();
        for n in 0..40 {
            pairs.push(110.0 + f64::from(n % 7), 100.0 + f64::from(n % 5));
        }
        let (low, high) = pairs.interval();
        assert!(low <= pairs.ratio() && pairs.ratio() <= high, "{low} {high}");
        assert!(1.05 < low && high < 1.15, "{low} {high}");
    }
}
