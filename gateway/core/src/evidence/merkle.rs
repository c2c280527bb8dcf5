//! Merkle trees over the links of a batch, as RFC 6962 builds them: leaves and inner nodes are hashed under different
//! prefixes, and a tree is split at the largest power of two below its size. Pure.

use aws_lc_rs::digest::{Context, SHA256};

/// A SHA-256.
pub type Hash = [u8; 32];

fn hash(parts: &[&[u8]]) -> Hash {
    let mut context = Context::new(&SHA256);
    for part in parts {
        context.update(part);
    }
    let mut out = [0; 32];
    out.copy_from_slice(context.finish().as_ref());
    out
}

/// The leaf of a link: SHA-256 of `00` and the link's hash.
pub fn leaf(link: &Hash) -> Hash {
    hash(&[&[0], link])
}

fn node(left: &Hash, right: &Hash) -> Hash {
    hash(&[&[1], left, right])
}

/// Where a tree of so many leaves (two or more) is split.
fn split(leaves: usize) -> usize {
    leaves.next_power_of_two() / 2
}

/// The root over leaves; over none, SHA-256 of nothing.
pub fn root(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => hash(&[]),
        [one] => *one,
        many => {
            let (left, right) = many.split_at(split(many.len()));
            node(&root(left), &root(right))
        }
    }
}

/// The hashes that lead from a leaf to the root, nearest first.
pub fn path(leaves: &[Hash], index: usize) -> Vec<Hash> {
    if leaves.len() < 2 {
        return Vec::new();
    }
    let (left, right) = leaves.split_at(split(leaves.len()));
    let (mut path, beside) = match index.checked_sub(left.len()) {
        None => (self::path(left, index), root(right)),
        Some(index) => (self::path(right, index), root(left)),
    };
    path.push(beside);
    path
}

/// The root that a leaf and its path lead to; `None` when the path does not fit a tree of that size.
pub fn root_of(leaf: &Hash, index: usize, count: usize, path: &[Hash]) -> Option<Hash> {
    if index >= count {
        return None;
    }
    if count == 1 {
        return path.is_empty().then_some(*leaf);
    }
    let (beside, path) = path.split_last()?;
    let at = split(count);
    Some(match index.checked_sub(at) {
        None => node(&root_of(leaf, index, at, path)?, beside),
        Some(index) => node(beside, &root_of(leaf, index, count - at, path)?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_leaf_of_every_small_tree_leads_to_its_root_and_nowhere_else() {
        for count in 1..=33_usize {
            let leaves: Vec<Hash> = (0..count).map(|n| leaf(&[n as u8; 32])).collect();
            let root = root(&leaves);
            for (index, found) in leaves.iter().enumerate() {
                let path = path(&leaves, index);
                assert_eq!(root_of(found, index, count, &path), Some(root), "{index} of {count}");
                let beside = (index + 1) % count;
                assert!(count == 1 || root_of(found, beside, count, &path) != Some(root));
                assert_ne!(root_of(&[9; 32], index, count, &path), Some(root));
                assert_eq!(root_of(found, count, count, &path), None);
            }
        }
    }

    #[test]
    fn roots_are_those_of_rfc_6962() {
        // Root of the empty tree, and of one empty entry hashed as a leaf: published test vectors.
        let hex = |h: Hash| hex::encode(h);
        assert_eq!(
            hex(root(&[])),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
        assert_eq!(
            hex(hash(&[&[0]])),
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
        );
    }
}
