//! RSA moduli of a generator that is known to be weak: ROCA, CVE-2017-15361.
//!
//! Source: Nemec and others, "The Return of Coppersmith's Attack" (2017), section 2.2: the primes of that generator are
//! `k * M + (65537^a mod M)`, with `M` the product of the first primes. So modulo each of these primes, the modulus is a power of
//! 65537, which of other moduli all are only by a chance of less than 2^-27.

/// The small primes that tell: those modulo which 65537 does not generate everything.
const PRIMES: [u32; 38] = [
    3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97,
    101, 103, 107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167,
];

/// Returns whether the modulus, big-endian, is of the weak generator.
pub(crate) fn is_roca(modulus: &[u8]) -> bool {
    PRIMES
        .iter()
        .all(|prime| is_power(remainder(modulus, *prime), *prime))
}

fn remainder(number: &[u8], prime: u32) -> u32 {
    number
        .iter()
        .fold(0, |rest, byte| (rest * 256 + u32::from(*byte)) % prime)
}

/// Returns whether a number is a power of 65537 modulo `prime`.
fn is_power(number: u32, prime: u32) -> bool {
    let base = 65537 % prime;
    let mut power = 1;
    for _ in 0..prime {
        if power == number {
            return true;
        }
        power = power * base % prime;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_power_of_the_generator_is_found_and_others_are_not() {
        // 65537^k itself has the fingerprint, for every k.
        let mut power: Vec<u8> = vec![1];
        for _ in 0..16 {
            power = times_65537(&power);
            assert!(is_roca(&power));
        }
        *power.last_mut().unwrap() ^= 2;
        assert!(!is_roca(&power));
    }

    /// Multiplies by 2^16 + 1.
    fn times_65537(number: &[u8]) -> Vec<u8> {
        let shifted = [number, &[0, 0]].concat();
        let mut sum = shifted.clone();
        let mut carry = 0;
        for at in (0..sum.len()).rev() {
            let other = if at >= 2 { number[at - 2] } else { 0 };
            let total = u16::from(shifted[at]) + u16::from(other) + carry;
            sum[at] = (total & 0xff) as u8;
            carry = total >> 8;
        }
        sum
    }
}
