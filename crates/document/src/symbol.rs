//! Keys as numbers.

use std::sync::LazyLock;

use crate::kubernetes_names::KUBERNETES_NAMES;

/// A map key as a number.
///
/// The names of the Kubernetes API ([`Symbol::known`]) have the same symbol in every tree, so a compiled policy can
/// hold them. Any other key gets a number that is good within its own [`Tree`](crate::Tree) only.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Symbol(u32);

impl Symbol {
    /// What the root of a document and the elements of a list have for a key.
    pub const NONE: Symbol = Symbol(Symbol::LIMIT);
    /// Symbols are below this number, so that a node can keep one in 24 bits.
    pub(crate) const LIMIT: u32 = (1 << 24) - 1;

    /// The symbol of a Kubernetes API name, or `None` for a name that is not in the list.
    pub fn known(name: &str) -> Option<Symbol> {
        KNOWN.find(name)
    }

    /// The symbol of a Kubernetes API name, for constants.
    ///
    /// # Panics
    /// Where the name is not in the list: a constant of it does not compile.
    pub const fn of(name: &str) -> Symbol {
        let (mut low, mut high) = (0, KUBERNETES_NAMES.len());
        while low < high {
            let middle = low + (high - low) / 2;
            if is_before(KUBERNETES_NAMES[middle].as_bytes(), name.as_bytes()) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        assert!(
            low < KUBERNETES_NAMES.len()
                && !is_before(name.as_bytes(), KUBERNETES_NAMES[low].as_bytes()),
            "no name of the Kubernetes API"
        );
        Symbol(low as u32)
    }

    /// The name of a known symbol, or `None` for one that belongs to a tree.
    pub fn known_name(self) -> Option<&'static str> {
        KUBERNETES_NAMES.get(self.0 as usize).copied()
    }

    /// How many symbols are known: the first number that a tree may give to a key of its own.
    pub(crate) fn known_count() -> u32 {
        KUBERNETES_NAMES.len() as u32
    }

    pub(crate) const fn from_index(index: u32) -> Symbol {
        Symbol(index)
    }

    pub(crate) const fn index(self) -> u32 {
        self.0
    }
}

/// Whether one text sorts before another.
const fn is_before(one: &[u8], other: &[u8]) -> bool {
    let mut at = 0;
    while at < one.len() && at < other.len() {
        if one[at] != other[at] {
            return one[at] < other[at];
        }
        at += 1;
    }
    one.len() < other.len()
}

/// A name's hash: multiply-and-rotate over eight bytes at a time, enough to spread short ASCII names.
///
/// Collisions only cost time: every hit is confirmed by comparing the names.
#[inline]
pub(crate) fn hash_name(name: &[u8]) -> u32 {
    const K: u64 = 0x517c_c1b7_2722_0a95;
    let mut hash = name.len() as u64;
    let mut rest = name;
    while let Some((chunk, tail)) = rest.split_first_chunk::<8>() {
        hash = (hash.rotate_left(5) ^ u64::from_le_bytes(*chunk)).wrapping_mul(K);
        rest = tail;
    }
    if let Some((chunk, tail)) = rest.split_first_chunk::<4>() {
        hash = (hash.rotate_left(5) ^ u64::from(u32::from_le_bytes(*chunk))).wrapping_mul(K);
        rest = tail;
    }
    for byte in rest {
        hash = (hash.rotate_left(5) ^ u64::from(*byte)).wrapping_mul(K);
    }
    (hash >> 32) as u32
}

/// An open-addressing table from names to symbols. Names are kept by whoever owns the table.
#[derive(Clone)]
pub(crate) struct SymbolTable {
    /// `(hash, symbol index + 1)`; a zero second part is an empty slot. The length is a power of two.
    slots: Vec<(u32, u32)>,
    used: usize,
}

impl SymbolTable {
    fn with_capacity(names: usize) -> SymbolTable {
        SymbolTable {
            slots: vec![(0, 0); (names * 4).next_power_of_two()],
            used: 0,
        }
    }

    /// A table for the few keys of one tree.
    pub(crate) fn small() -> SymbolTable {
        SymbolTable::with_capacity(16)
    }

    /// The symbol for which `is_name` says yes among those with this hash.
    #[inline]
    pub(crate) fn find(
        &self,
        hash: u32,
        mut is_name: impl FnMut(Symbol) -> bool,
    ) -> Option<Symbol> {
        let mask = self.slots.len() - 1;
        let mut at = hash as usize & mask;
        loop {
            let (slot_hash, slot) = self.slots[at];
            if slot == 0 {
                return None;
            }
            if slot_hash == hash && is_name(Symbol(slot - 1)) {
                return Some(Symbol(slot - 1));
            }
            at = (at + 1) & mask;
        }
    }

    /// Adds a symbol under this hash. The caller has made sure that its name is not in the table.
    pub(crate) fn insert(&mut self, hash: u32, symbol: Symbol) {
        if self.used * 2 >= self.slots.len() {
            let grown = vec![(0, 0); self.slots.len() * 2];
            for (hash, slot) in std::mem::replace(&mut self.slots, grown) {
                if slot != 0 {
                    self.place(hash, slot);
                }
            }
        }
        self.place(hash, symbol.0 + 1);
        self.used += 1;
    }

    fn place(&mut self, hash: u32, slot: u32) {
        let mask = self.slots.len() - 1;
        let mut at = hash as usize & mask;
        while self.slots[at].1 != 0 {
            at = (at + 1) & mask;
        }
        self.slots[at] = (hash, slot);
    }
}

/// The table of the known names, made once per process.
pub(crate) struct KnownNames {
    table: SymbolTable,
}

pub(crate) static KNOWN: LazyLock<KnownNames> = LazyLock::new(|| {
    let mut table = SymbolTable::with_capacity(KUBERNETES_NAMES.len());
    for (index, name) in KUBERNETES_NAMES.iter().enumerate() {
        table.insert(hash_name(name.as_bytes()), Symbol(index as u32));
    }
    KnownNames { table }
});

impl KnownNames {
    pub(crate) fn find(&self, name: &str) -> Option<Symbol> {
        self.find_hashed(name.as_bytes(), hash_name(name.as_bytes()))
    }

    #[inline]
    pub(crate) fn find_hashed(&self, name: &[u8], hash: u32) -> Option<Symbol> {
        self.table.find(hash, |symbol| {
            KUBERNETES_NAMES[symbol.0 as usize].as_bytes() == name
        })
    }
}

/// A key to look up: the symbol where the name is known, and the name itself for trees that keep it as their own.
///
/// Made once, when a policy is compiled; looking it up then is a scan over numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    name: Box<str>,
    symbol: Symbol,
}

impl Key {
    /// The key of this name.
    pub fn new(name: &str) -> Key {
        Key {
            name: name.into(),
            symbol: Symbol::known(name).unwrap_or(Symbol::NONE),
        }
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The known symbol, or [`Symbol::NONE`].
    #[inline]
    pub fn symbol(&self) -> Symbol {
        self.symbol
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_are_sorted_and_distinct() {
        assert!(KUBERNETES_NAMES.windows(2).all(|pair| pair[0] < pair[1]));
    }

    #[test]
    fn every_known_name_is_found_and_no_other() {
        for name in KUBERNETES_NAMES {
            let symbol = Symbol::known(name).expect("a listed name is known");
            assert_eq!(symbol.known_name(), Some(*name));
            assert_eq!(Symbol::of(name), symbol);
        }
        assert_eq!(Symbol::known("plimsoll.dev/no-such-field"), None);
        assert_eq!(Symbol::known(""), None);
        assert_eq!(Symbol::NONE.known_name(), None);
    }
}
