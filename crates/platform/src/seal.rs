//! Data that one key opens (law 11): who erases the key has erased the data, wherever its copies are.

use std::fmt;

use argosy_kernel::{Error, Result};
use data_encoding::BASE64_NOPAD;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use serde::{Serialize, de::DeserializeOwned};

const KEY_LENGTH: usize = 32;

/// A key, as it is kept beside what it opens, in a row of its own. It prints as `***`.
#[derive(Clone, PartialEq, Eq)]
pub struct SealKey([u8; KEY_LENGTH]);

impl fmt::Debug for SealKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl SealKey {
    /// A new key.
    pub fn random() -> Self {
        Self(rand::random())
    }

    /// The key that these bits are: for keys that are derived from what only the caller knows.
    pub const fn from_bytes(bytes: [u8; KEY_LENGTH]) -> Self {
        Self(bytes)
    }

    /// As [`SealKey::to_text`] wrote it.
    ///
    /// # Errors
    /// INTERNAL if it is no such text.
    pub fn from_text(text: &str) -> Result<Self> {
        let bytes = BASE64_NOPAD.decode(text.as_bytes()).map_err(Error::internal)?;
        bytes.try_into().map(Self).map_err(|_| Error::internal("a key of the wrong length"))
    }

    /// The form in which it is stored.
    pub fn to_text(&self) -> String {
        BASE64_NOPAD.encode(&self.0)
    }

    /// Seals a value: AES-256-GCM (NIST SP 800-38D) with a random nonce, as text. `owner` says whose it is, and must be
    /// said again to open it: what was sealed for one person is not taken for another's.
    ///
    /// # Errors
    /// INTERNAL if the value has no form as JSON.
    pub fn seal(&self, owner: &str, value: &impl Serialize) -> Result<String> {
        let mut data = serde_json::to_vec(value).map_err(Error::internal)?;
        let nonce: [u8; NONCE_LEN] = rand::random();
        let (key, nonce_used) = (self.key()?, Nonce::assume_unique_for_key(nonce));
        key.seal_in_place_append_tag(nonce_used, Aad::from(owner), &mut data).map_err(Error::internal)?;
        Ok(BASE64_NOPAD.encode(&[&nonce[..], &data].concat()))
    }

    /// Opens what [`SealKey::seal`] sealed.
    ///
    /// # Errors
    /// INTERNAL if it was sealed with another key or for another owner, or was changed since.
    pub fn open<T: DeserializeOwned>(&self, owner: &str, sealed: &str) -> Result<T> {
        let mut data = BASE64_NOPAD.decode(sealed.as_bytes()).map_err(Error::internal)?;
        let (nonce, sealed) = data.split_at_mut_checked(NONCE_LEN).ok_or_else(|| does_not_open(owner))?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(Error::internal)?;
        let opened = self.key()?.open_in_place(nonce, Aad::from(owner), sealed);
        serde_json::from_slice(opened.map_err(|_| does_not_open(owner))?).map_err(Error::internal)
    }

    fn key(&self) -> Result<LessSafeKey> {
        UnboundKey::new(&AES_256_GCM, &self.0).map(LessSafeKey::new).map_err(Error::internal)
    }
}

fn does_not_open(owner: &str) -> Error {
    Error::internal(format!("what is sealed for {owner} does not open with this key"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_with_its_key_for_its_owner_only() {
        let key = SealKey::random();
        let sealed = key.seal("per_1", &"Ann, Bonn").unwrap();
        assert!(!sealed.contains("Ann"));
        assert_eq!(key.open::<String>("per_1", &sealed).unwrap(), "Ann, Bonn");
        let same_key = SealKey::from_text(&key.to_text()).unwrap();
        assert_eq!(same_key.open::<String>("per_1", &sealed).unwrap(), "Ann, Bonn");
        key.open::<String>("per_2", &sealed).unwrap_err();
        SealKey::random().open::<String>("per_1", &sealed).unwrap_err();
    }

    #[test]
    fn what_was_changed_or_cut_does_not_open() {
        let key = SealKey::random();
        let sealed = key.seal("per_1", &"Ann").unwrap();
        let flipped = if sealed.starts_with('A') { "B" } else { "A" };
        for wrong in [&sealed[4..], &sealed[..8], "", "not base 64!", &format!("{flipped}{}", &sealed[1..])] {
            key.open::<String>("per_1", wrong).unwrap_err();
        }
    }

    #[test]
    fn the_same_is_never_sealed_alike_and_a_key_does_not_print() {
        let key = SealKey::random();
        assert_ne!(key.seal("per_1", &1).unwrap(), key.seal("per_1", &1).unwrap());
        assert_eq!(format!("{key:?}"), "***");
    }
}
