//! The `Range` header: one range of bytes (RFC 9110, section 14).

/// What part of a file is asked for.
#[derive(Debug, PartialEq, Eq, Clone, Copy)]
pub enum Wanted {
    /// All of it.
    Whole,
    /// From the first to before the second, not empty.
    Part(u64, u64),
    /// A range outside the file: 416.
    Nothing,
}

/// Reads the header's value for a file of `size` bytes. What is not one well formed range of bytes
/// is ignored, as the standard allows; several ranges are too, so that nobody can ask for a file a
/// thousand times in one request.
pub fn wanted(header: Option<&str>, size: u64) -> Wanted {
    let Some((first, last)) =
        header.and_then(|h| h.trim().strip_prefix("bytes=")).and_then(|r| r.trim().split_once('-'))
    else {
        return Wanted::Whole;
    };
    match (number(first), number(last)) {
        (Num::Empty, Num::Is(0)) => Wanted::Nothing,
        (Num::Empty, Num::Is(_)) if size == 0 => Wanted::Nothing,
        (Num::Empty, Num::Is(count)) => Wanted::Part(size - count.min(size), size),
        (Num::Is(start), Num::Empty) if start < size => Wanted::Part(start, size),
        (Num::Is(_), Num::Empty) => Wanted::Nothing,
        (Num::Is(start), Num::Is(end)) if start <= end && start < size => {
            Wanted::Part(start, end.saturating_add(1).min(size))
        }
        (Num::Is(start), Num::Is(end)) if start <= end => Wanted::Nothing,
        _ => Wanted::Whole,
    }
}

enum Num {
    Empty,
    Is(u64),
    Bad,
}

fn number(text: &str) -> Num {
    match text {
        "" => Num::Empty,
        t if t.bytes().all(|b| b.is_ascii_digit()) => t.parse().map_or(Num::Is(u64::MAX), Num::Is),
        _ => Num::Bad,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_range() {
        assert_eq!(wanted(Some("bytes=0-0"), 10), Wanted::Part(0, 1));
        assert_eq!(wanted(Some("bytes=4-"), 10), Wanted::Part(4, 10));
        assert_eq!(wanted(Some("bytes=-3"), 10), Wanted::Part(7, 10));
        assert_eq!(wanted(Some("bytes=-30"), 10), Wanted::Part(0, 10));
        assert_eq!(wanted(Some("bytes=0-99999999999999999999999"), 10), Wanted::Part(0, 10));
    }

    #[test]
    fn none_and_odd() {
        for header in ["bytes=10-", "bytes=10-12", "bytes=-0", "bytes=99999999999999999999999-"] {
            assert_eq!(wanted(Some(header), 10), Wanted::Nothing, "{header}");
        }
        for header in ["bytes=0-1,3-4", "bytes=5-2", "bytes=-", "bytes=+1-2", "lines=0-1", "bytes"]
        {
            assert_eq!(wanted(Some(header), 10), Wanted::Whole, "{header}");
        }
        assert_eq!(wanted(Some("bytes=-1"), 0), Wanted::Nothing);
        assert_eq!(wanted(None, 10), Wanted::Whole);
    }

    proptest::proptest! {
        #[test]
        fn always_inside_the_file(text in "bytes=[0-9]{0,22}-[0-9]{0,22}", size in 0u64..u64::MAX) {
            if let Wanted::Part(start, end) = wanted(Some(&text), size) {
                proptest::prop_assert!(start < end && end <= size);
            }
        }
    }
}
