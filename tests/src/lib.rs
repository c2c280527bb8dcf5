//! Whole-system stories and repository rules.
