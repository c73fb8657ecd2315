//! The closed lists of words that records use (spec: record.md, "Words").

/// An enum whose values are words of the spec, encoded as text.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $name { $($(#[$vdoc])* $variant,)+ }

        impl $name {
            /// All of them, in the order of the spec.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The word of the spec.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }

            /// The value of that word.
            pub fn from_word(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|value| value.word() == word)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                s.serialize_str(self.word())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                let word = <String as serde::Deserialize>::deserialize(d)?;
                Self::from_word(&word).ok_or_else(|| {
                    let known: Vec<_> = Self::ALL.iter().map(|v| v.word()).collect();
                    serde::de::Error::custom(format_args!("one of: {}", known.join(", ")))
                })
            }
        }
    };
}

words! {
    /// Where a record stands in its life.
    Status {
        /// In force.
        Active = "active",
        /// In force, and contested as a whole.
        Disputed = "disputed",
        /// Another record has taken it in.
        Merged = "merged",
        /// Taken back; nothing of it is left but this.
        Withdrawn = "withdrawn",
        /// It was wrong; nothing of it is left but this.
        Retracted = "retracted",
    }
}
words! {
    /// Why a record is not active; generic on purpose.
    StatusReason {
        /// The same person is there under another id.
        Duplicate = "duplicate",
        /// It was wrong.
        Error = "error",
        /// It does not belong to what the archive is about.
        OutOfScope = "out_of_scope",
        /// The person is alive.
        FoundAlive = "found_alive",
        /// It was made up.
        Fabricated = "fabricated",
        /// Its source took it back.
        SourceWithdrawn = "source_withdrawn",
        /// Every case of safety and family.
        Withheld = "withheld",
    }
}
words! {
    /// What kind of name it is.
    NameKind {
        /// The one that is shown, one for each language.
        Primary = "primary",
        /// The full official one.
        Full = "full",
        /// Another one.
        Alias = "alias",
        /// What friends said; class P1.
        Nickname = "nickname",
        /// An earlier one.
        Former = "former",
    }
}
words! {
    /// As identified in the sources.
    Gender {
        /// Female.
        Female = "female",
        /// Male.
        Male = "male",
        /// Neither.
        Other = "other",
        /// The sources do not say.
        Unknown = "unknown",
        /// Not published.
        Withheld = "withheld",
    }
}
words! {
    /// How an age is known.
    AgeBasis {
        /// A source states it.
        Stated = "stated",
        /// From the dates of birth and death.
        Computed = "computed",
        /// From a picture or by a witness.
        Estimated = "estimated",
    }
}
words! {
    /// Under 18 on the day of the incident.
    Minor {
        /// Yes.
        Yes = "yes",
        /// No.
        No = "no",
        /// Not known, but likely.
        Likely = "likely",
        /// Not known.
        Unknown = "unknown",
    }
}
words! {
    /// What the person was at the incident, by the sources.
    Role {
        /// Took part in a protest.
        Protester = "protester",
        /// Happened to be there.
        Bystander = "bystander",
        /// Was at home.
        AtHome = "at_home",
        /// Was held.
        Detainee = "detainee",
        /// Belonged to the security forces.
        SecurityForce = "security_force",
        /// Something else.
        Other = "other",
        /// The sources do not say.
        Unknown = "unknown",
    }
}
words! {
    /// Type of death.
    Manner {
        /// Live ammunition.
        LiveFire = "live_fire",
        /// Pellets.
        Pellets = "pellets",
        /// Beating.
        Beating = "beating",
        /// A vehicle.
        Vehicle = "vehicle",
        /// Tear gas or its canister.
        TearGas = "tear_gas",
        /// A blade.
        Stabbing = "stabbing",
        /// A fall.
        Fall = "fall",
        /// Fire.
        Fire = "fire",
        /// Water.
        Drowning = "drowning",
        /// In custody.
        InCustody = "in_custody",
        /// Something else.
        Other = "other",
        /// The sources do not say.
        Unknown = "unknown",
    }
}
words! {
    /// Where the body was hurt; shown on the person's page only (P1).
    InjurySite {
        /// Head.
        Head = "head",
        /// Neck.
        Neck = "neck",
        /// Chest, belly or back.
        Torso = "torso",
        /// Arm or leg.
        Limb = "limb",
        /// The sources do not say.
        Unknown = "unknown",
    }
}
words! {
    /// The institution, by the sources; never a person.
    Force {
        /// Police.
        Police = "police",
        /// Revolutionary Guards.
        Irgc = "irgc",
        /// Basij.
        Basij = "basij",
        /// Plain-clothes forces.
        PlainClothes = "plain_clothes",
        /// Prison service.
        Prison = "prison",
        /// The sources do not say.
        Unknown = "unknown",
    }
}
words! {
    /// Died in custody.
    Custody {
        /// Yes.
        Yes = "yes",
        /// No.
        No = "no",
        /// The sources do not say.
        Unknown = "unknown",
    }
}
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
    /// How far a record was verified; computed by [`super::level`], weakest last.
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
words! {
    /// The calendar that a source used.
    Calendar {
        /// Persian (Solar Hijri).
        Persian = "persian",
        /// Gregorian.
        Gregorian = "gregorian",
        /// Islamic.
        Islamic = "islamic",
    }
}
words! {
    /// What kind of place it is.
    PlaceKind {
        /// A street or square.
        Street = "street",
        /// A home.
        Home = "home",
        /// A hospital.
        Hospital = "hospital",
        /// A prison or other place of custody.
        Prison = "prison",
        /// The sources do not say.
        Unknown = "unknown",
    }
}
words! {
    /// How exactly a place is known.
    Precision {
        /// The country only.
        Country = "country",
        /// The province.
        Province = "province",
        /// The city.
        City = "city",
        /// A quarter of it (P1).
        Locality = "locality",
    }
}
words! {
    /// How a name came into the Latin script.
    Translit {
        /// It is in its own script.
        None = "none",
        /// As the source spells it.
        SourceSpelling = "source_spelling",
        /// By no fixed rule.
        AdHoc = "ad_hoc",
    }
}
words! {
    /// A flag that is there or absent.
    Yes {
        /// It is so.
        Yes = "yes",
    }
}
