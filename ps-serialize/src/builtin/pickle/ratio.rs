//! The float that is nearest to a fraction.

use num_bigint::{BigInt, Sign};

/// The float that is nearest to a fraction. Of two that are equally near, it is the even one, as in Python. It is `None` if the
/// denominator is not above zero, or if no float is that large.
pub(super) fn nearest(numerator: &BigInt, denominator: &BigInt) -> Option<f64> {
    const MANTISSA: i64 = f64::MANTISSA_DIGITS as i64;
    if denominator.sign() != Sign::Plus {
        return None;
    }
    let (numerator, sign) = (numerator.magnitude(), numerator.sign());
    let denominator = denominator.magnitude();
    // The quotient has 64 bits or more, so that what the division leaves matters only to ties.
    let shift = (denominator.bits() + 65).saturating_sub(numerator.bits());
    let shifted = numerator << shift;
    let quotient = &shifted / denominator;
    let mut is_more = &quotient * denominator != shifted;
    let surplus = quotient.bits().saturating_sub(64);
    let digits = &quotient >> surplus;
    is_more |= &digits << surplus != quotient;
    let digits = digits.iter_u64_digits().next().unwrap_or_default();
    // The fraction is `digits` times two to this power.
    let power = i64::try_from(surplus).ok()? - i64::try_from(shift).ok()?;
    // Numbers near zero have fewer bits.
    let kept = (power + 64 + MANTISSA - i64::from(f64::MIN_EXP)).min(MANTISSA);
    if digits == 0 || kept < 0 {
        return Some(if sign == Sign::Minus { -0.0 } else { 0.0 });
    }
    let cut = 64 - kept;
    let (mantissa, rest) = (u128::from(digits) >> cut, u128::from(digits) & ((1 << cut) - 1));
    let half = 1_u128 << (cut - 1);
    let is_up = rest > half || rest == half && (is_more || mantissa % 2 == 1);
    #[allow(clippy::cast_precision_loss)] // 53 bits at most, or a power of two
    let mantissa = (mantissa + u128::from(is_up)) as f64;
    let power = i32::try_from(power + cut).ok()?;
    // In two steps, since the smallest power of two that `powi` has is larger than the smallest float.
    let float = mantissa * 2_f64.powi(power / 2) * 2_f64.powi(power - power / 2);
    float.is_finite().then_some(if sign == Sign::Minus { -float } else { float })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fraction_is_rounded_as_the_parser_of_floats_rounds() {
        // With these powers of ten below, fractions are decimals, which Rust's parser rounds.
        for digits in [
            "1",
            "3",
            "7",
            "9007199254740993",
            "17976931348623157",
            "49406564584124654",
            "22250738585072011",
        ] {
            for zeros in [0_usize, 1, 15, 16, 17, 100, 307, 323, 324, 339, 340, 341, 400] {
                let denominator: BigInt = format!("1{}", "0".repeat(zeros)).parse().unwrap();
                let numerator: BigInt = digits.parse().unwrap();
                let expected: f64 = format!("{digits}e-{zeros}").parse().unwrap();
                let found = nearest(&numerator, &denominator).unwrap();
                assert_eq!(found.to_bits(), expected.to_bits(), "{digits}e-{zeros}");
                let found = nearest(&-numerator, &denominator).unwrap();
                assert_eq!(found.to_bits(), (-expected).to_bits(), "-{digits}e-{zeros}");
            }
        }
        let huge: BigInt = format!("1{}", "0".repeat(309)).parse().unwrap();
        assert_eq!(nearest(&huge, &1.into()), None);
        assert_eq!(nearest(&huge, &huge), Some(1.0));
        assert_eq!(nearest(&1.into(), &0.into()), None);
        assert_eq!(nearest(&BigInt::ZERO, &3.into()), Some(0.0));
    }
}
