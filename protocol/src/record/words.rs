//! The closed lists of words that records use (spec: record.md, "Words"): the person, what happened,
//! when and where.

use super::word::words;

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
        /// By the tables of the American Library Association and the Library of Congress.
        AlaLc = "ala_lc",
        /// By DIN 31635.
        Din31635 = "din_31635",
        /// By the International Journal of Middle East Studies.
        Ijmes = "ijmes",
        /// By the United Nations' resolution X/3 of 2012 for Persian.
        Un2012 = "un_2012",
    }
}
words! {
    /// A flag that is there or absent.
    Yes {
        /// It is so.
        Yes = "yes",
    }
}
