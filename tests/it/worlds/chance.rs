//! Choices that look random and are the same in each run.

/// A source of choices (`SplitMix64`).
#[derive(Debug, Clone)]
pub(super) struct Chance {
    state: u64,
    /// Whether the request at hand is to make sense.
    pub(super) careful: bool,
    /// Of which of the two kinds it speaks.
    pub(super) kind: usize,
}

impl Chance {
    pub(super) fn new(seed: u64) -> Self {
        Self {
            state: seed.wrapping_mul(0x9E37_79B9_7F4A_7C15),
            careful: false,
            kind: 0,
        }
    }

    /// Chooses what a whole request is about.
    pub(super) fn begin(&mut self) {
        self.careful = !self.one_in(3);
        self.kind = self.below(2);
    }

    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`, which must not be 0.
    pub(super) fn below(&mut self, end: usize) -> usize {
        let end = u64::try_from(end).expect("a small number");
        usize::try_from(self.next() % end).expect("a small number")
    }

    /// Whether the one of so many cases has come.
    pub(super) fn one_in(&mut self, cases: usize) -> bool {
        self.below(cases) == 0
    }

    /// One of these.
    pub(super) fn pick<'a, T: ?Sized>(&mut self, of: &[&'a T]) -> &'a T {
        of[self.below(of.len())]
    }
}
