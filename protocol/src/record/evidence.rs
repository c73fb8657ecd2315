//! The words about sources, verification, files and consent (spec: record.md, "Words").

use super::word::words;

words! {
    /// How sure a claim is.
    Confidence {
        /// Several independent sources agree, one of them a document or direct testimony.
        Confirmed = "confirmed",
        /// More sources for it than against it.
        Probable = "probable",
        /// One source says so.
        Reported = "reported",
        /// Sources contradict it.
        Disputed = "disputed",
    }
}
words! {
    /// What a public source is.
    SourceKind {
        /// Report of an organisation.
        NgoReport = "ngo_report",
        /// A document of an authority: certificate, verdict.
        OfficialDocument = "official_document",
        /// What an authority said.
        OfficialStatement = "official_statement",
        /// Press, radio, television.
        Media = "media",
        /// A public post.
        SocialMedia = "social_media",
        /// A witness who speaks in public.
        TestimonyPublic = "testimony_public",
    }
}
words! {
    /// That testimony exists which is not public; never how much or of what kind.
    PrivateSources {
        /// None.
        None = "none",
        /// Some.
        Some = "some",
    }
}
words! {
    /// How far a record was verified; computed by [`super::level()`], weakest last.
    Level {
        /// Two independent groups of sources and a document or direct testimony.
        Verified = "verified",
        /// Two independent groups of sources.
        Corroborated = "corroborated",
        /// One group of sources.
        SingleSource = "single_source",
        /// Fewer than two reviewers have looked at it.
        UnderReview = "under_review",
        /// Contested as a whole.
        Disputed = "disputed",
    }
}
words! {
    /// How a record was verified.
    Method {
        /// A document was seen.
        Document = "document",
        /// A witness was heard.
        Testimony = "testimony",
        /// Sources were compared.
        CrossCheck = "cross_check",
        /// Pictures or films were examined.
        ImageAnalysis = "image_analysis",
        /// A picture's place was found.
        Geolocation = "geolocation",
        /// A physician's opinion.
        Medical = "medical",
        /// Something else.
        Other = "other",
    }
}
words! {
    /// What a file shows.
    MediaRole {
        /// The person.
        Portrait = "portrait",
        /// A document.
        Document = "document",
        /// A place.
        Place = "place",
        /// A film.
        Video = "video",
    }
}
words! {
    /// How hard a picture is to bear; anything but `none` stays behind a deliberate step.
    Graphic {
        /// Not at all.
        None = "none",
        /// Somewhat.
        Mild = "mild",
        /// Very.
        Strong = "strong",
    }
}
words! {
    /// What was done to a picture before it was published.
    Edit {
        /// Part of it was cut off.
        Cropped = "cropped",
        /// Faces or voices of others were made unrecognisable.
        Blurred = "blurred",
        /// Made smaller.
        Resized = "resized",
        /// Encoded again, without metadata.
        Reencoded = "reencoded",
        /// Something was painted over.
        Redacted = "redacted",
    }
}
words! {
    /// Why a record may be published. Who consented is never in it.
    ConsentBasis {
        /// The family agreed.
        Family = "family",
        /// The family itself published it.
        PublishedByFamily = "published_by_family",
        /// It is in a public record.
        PublicRecord = "public_record",
        /// An organisation has published it.
        NgoPublished = "ngo_published",
    }
}
words! {
    /// What the consent covers.
    Scope {
        /// The name.
        Name = "name",
        /// Pictures.
        Photo = "photo",
        /// Biography and circumstances.
        Story = "story",
    }
}
words! {
    /// Why a version differs from the one before.
    ChangeCode {
        /// Something was added.
        Added = "added",
        /// Something was wrong.
        Corrected = "corrected",
        /// Something was taken out.
        Removed = "removed",
        /// A source was added or changed.
        Sources = "sources",
        /// Verification was done again.
        Verification = "verification",
        /// Another record was taken in.
        Merged = "merged",
        /// The status changed.
        Status = "status",
    }
}
