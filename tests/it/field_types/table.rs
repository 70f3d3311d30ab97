//! The rows: values of each field type, as they are sent and as they are read.

use serde_json::{Value as Json, json};

/// A field type.
#[derive(Debug, Clone)]
pub(super) struct Row {
    /// The name of the type.
    pub(super) name: &'static str,
    /// Settings of the field.
    settings: Json,
    /// Three values in ascending order, as they are sent.
    pub(super) sent: [Json; 3],
    /// The same as they are read.
    pub(super) read: [Json; 3],
    /// Values that are refused, beside those that no type accepts.
    pub(super) refused: Vec<Json>,
    /// Operators whose answers the model of the filters does not know: operand and matching values.
    pub(super) filters: Vec<(&'static str, Json, &'static [usize])>,
    /// A part that shows only where it is asked for, with its values.
    pub(super) asked: Option<(&'static str, [Json; 3])>,
    /// What a list is sorted by: the field, or a part of it.
    pub(super) sort: Option<&'static str>,
    /// Whether a field may be unique.
    pub(super) unique: bool,
    /// Whether a field may have a default.
    pub(super) default: bool,
    /// Whether a write of what is stored changes nothing.
    pub(super) compared: bool,
    /// Whether the server makes the values, of the marks of the records, and nobody sends them.
    pub(super) computed: bool,
}

impl Row {
    /// A type whose values are read as they are sent.
    fn of(name: &'static str, values: [Json; 3]) -> Self {
        Self {
            name,
            settings: json!({}),
            read: values.clone(),
            sent: values,
            refused: Vec::new(),
            filters: Vec::new(),
            asked: None,
            sort: Some(""),
            unique: true,
            default: true,
            compared: true,
            computed: false,
        }
    }

    /// A type whose values the server makes of the marks `0`, `1`, `2` and `none`.
    fn computed(name: &'static str, settings: Json, read: [Json; 3]) -> Self {
        Self {
            computed: true,
            ..Self::of(name, read)
                .settings(settings)
                .never_unique()
                .without_default()
        }
    }

    fn reads(mut self, values: [Json; 3]) -> Self {
        self.read = values;
        self
    }

    fn settings(mut self, settings: Json) -> Self {
        self.settings = settings;
        self
    }

    fn refuses(mut self, values: impl IntoIterator<Item = Json>) -> Self {
        self.refused.extend(values);
        self
    }

    fn filter(mut self, operator: &'static str, operand: Json, found: &'static [usize]) -> Self {
        self.filters.push((operator, operand, found));
        self
    }

    /// A part shows only where it is asked for.
    fn shows_on_request(mut self, part: &'static str, values: [&str; 3]) -> Self {
        self.asked = Some((part, values.map(Json::from)));
        self
    }

    /// A list is sorted by this part of it.
    fn sorted_by(mut self, part: &'static str) -> Self {
        self.sort = Some(part);
        self
    }

    fn unsortable(mut self) -> Self {
        self.sort = None;
        self
    }

    fn never_unique(mut self) -> Self {
        self.unique = false;
        self
    }

    fn without_default(mut self) -> Self {
        self.default = false;
        self
    }

    fn never_equal(mut self) -> Self {
        self.compared = false;
        self
    }

    /// What is sent for a record with one of the values.
    pub(super) fn values(&self, at: usize) -> Json {
        if self.computed {
            return json!({"mark": at.to_string()});
        }
        json!({"value": self.sent[at]})
    }

    /// `rowGeoPoint`
    pub(super) fn object(&self) -> String {
        let (first, rest) = self.name.split_at(1);
        format!("row{}{rest}", first.to_uppercase())
    }

    /// `rowGeoPoints`
    pub(super) fn plural(&self) -> String {
        self.object() + "s"
    }

    /// `RowGeoPoint`
    pub(super) fn pascal(&self) -> String {
        self.object().replacen('r', "R", 1)
    }

    /// A field of the type, for a changeset.
    pub(super) fn field(&self, name: &str) -> Json {
        let mut field = self.settings.clone();
        field["name"] = json!(name);
        field["type"] = json!(self.name);
        if !field["inverse"].is_null() {
            // Each field has an inverse of its own, whatever it is on.
            let inverse = format!("{}{}", self.object(), name);
            field["inverse"] = json!({"name": inverse});
        }
        field
    }

    /// The fields of a composite as GraphQL selects them; nothing for a scalar.
    pub(super) fn selection(&self) -> String {
        match &self.read[0] {
            Json::Object(members) if self.name != "json" => {
                let keys: Vec<&str> = members.keys().map(String::as_str).collect();
                format!("{{ {} }}", keys.join(" "))
            }
            _ => String::new(),
        }
    }

    /// The row with the places `@0` to `@2` taken by the ids of three records.
    pub(super) fn aimed_at(mut self, ids: &[String]) -> Self {
        for value in self.sent.iter_mut().chain(&mut self.read) {
            let mut text = value.to_string();
            for (at, id) in ids.iter().enumerate() {
                text = text.replace(&format!("@{at}"), id);
            }
            *value = serde_json::from_str(&text).expect("JSON");
        }
        self
    }
}

/// One row per field type, in the order of `GET /v1/meta/field-types`.
pub(super) fn rows() -> Vec<Row> {
    let mut rows = texts();
    rows.extend(numbers());
    rows.extend(times());
    rows.extend(choices());
    rows.extend(composites());
    rows.extend(others());
    rows
}

fn texts() -> Vec<Row> {
    let text = |values: [&str; 3]| values.map(Json::from);
    vec![
        Row::of("text", text(["Arnhem", "Brélan 100%", "\u{1f680}_end"])).refuses([
            json!(1),
            json!("a\0b"),
            json!("x".repeat(256)),
        ]),
        Row::of("longText", text(["one\ntwo", "three \"four\"", "tschüß\t"]))
            .refuses([json!(1)])
            .never_unique(),
        Row::of("richText", text(["# One", "*two* <b>", "~~three~~"]))
            .refuses([json!(["x"])])
            .never_unique(),
        Row::of("email", text(["a@x.nl", "b.c@example.com", "z@y.org"]))
            .refuses([json!("nobody"), json!("Ann <a@x.nl>")]),
        Row::of(
            "phone",
            text([
                "030 123 4567",
                "+31 30 123 4568 ext. 9",
                "tel:+32-12-34-56-78",
            ]),
        )
        .settings(json!({"region": "NL"}))
        .reads(text(["+31301234567", "+31301234568;ext=9", "+3212345678"]))
        .refuses([json!("12"), json!("nobody"), json!("+31 1")]),
        Row::of(
            "url",
            text(["http://a.nl/", "https://b.nl/?q=1#x", "https://c.nl:8/"]),
        )
        .refuses([json!("b.nl"), json!("javascript:alert(1)")])
        .never_unique(),
        Row::of("country", text(["BE", "DE", "NL"])).refuses([json!("nl"), json!("XX")]),
        Row::of("locale", text(["de", "en-gb", "zh-hant-tw"]))
            .reads(text(["de", "en-GB", "zh-Hant-TW"]))
            .refuses([json!("english language"), json!("")]),
        Row::of("timeZone", text(["Asia/Tokyo", "europe/amsterdam", "UTC"]))
            .reads(text(["Asia/Tokyo", "Europe/Amsterdam", "UTC"]))
            .refuses([json!("CEST!"), json!("Europe/Nowhere")]),
        Row::of("color", text(["#000000", "#1E90FF", "#ffffff"]))
            .reads(text(["#000000", "#1e90ff", "#ffffff"]))
            .refuses([json!("red"), json!("#fff")]),
    ]
}

fn numbers() -> Vec<Row> {
    let text = |values: [&str; 3]| values.map(Json::from);
    vec![
        Row::of(
            "integer",
            [json!(-2_147_483_648_i64), json!(0), json!(2_147_483_647)],
        )
        .refuses([json!(1.5), json!("1"), json!(2_147_483_648_i64)]),
        Row::of(
            "bigInteger",
            text([
                "-9223372036854775808",
                "9007199254740993",
                "9223372036854775807",
            ]),
        )
        .refuses([json!("9223372036854775808"), json!("1.5"), json!(true)]),
        Row::of("decimal", [json!("-0.5"), json!(12), json!("99999999.999")])
            .settings(json!({"precision": 11, "scale": 3}))
            .reads(text(["-0.500", "12.000", "99999999.999"]))
            .refuses([
                json!("0.0001"),
                json!("100000000"),
                json!("NaN"),
                json!("1,5"),
            ]),
        Row::of("float", [json!(-1.5e300), json!(0.1), json!(36)])
            .reads([json!(-1.5e300), json!(0.1), json!(36.0)])
            .refuses([json!("0.1"), json!(true)]),
        Row::of(
            "percent",
            [json!("-0.5"), json!("0.15"), json!("12.345678")],
        )
        .reads(text(["-0.500000", "0.150000", "12.345678"]))
        .refuses([json!("15%"), json!("0.1234567")]),
        Row::of("rating", [json!(1), json!(4), json!(10)])
            .settings(json!({"max": 10}))
            .refuses([json!(0), json!(11), json!(2.5), json!("3")]),
    ]
}

fn times() -> Vec<Row> {
    let text = |values: [&str; 3]| values.map(Json::from);
    vec![
        Row::of("date", text(["0001-01-01", "2026-02-28", "9999-12-31"])).refuses([
            json!("2026-02-30"),
            json!("28-02-2026"),
            json!(20_260_228),
        ]),
        Row::of(
            "dateTime",
            text([
                "1969-12-31T23:59:59.999999Z",
                "2026-02-28T09:30:00+01:00",
                "2026-02-28T08:30:00.5Z",
            ]),
        )
        .reads(text([
            "1969-12-31T23:59:59.999999Z",
            "2026-02-28T08:30:00.000000Z",
            "2026-02-28T08:30:00.500000Z",
        ]))
        .refuses([json!("2026-02-28"), json!("2026-02-28 09:30:00")]),
        Row::of("time", text(["00:00", "09:30:00.5", "23:59:59.9999999"]))
            .reads(text(["00:00:00", "09:30:00.500000", "23:59:59.999999"]))
            .refuses([
                json!("24:00"),
                json!("9:30"),
                json!("09:30:00Z"),
                json!(930),
            ]),
        Row::of("duration", text(["-PT90S", "PT0.000001S", "P1DT2H61M"]))
            .reads(text(["-PT1M30S", "PT0.000001S", "PT27H1M"]))
            .refuses([json!("P1M"), json!("1h"), json!("PT"), json!(90)]),
    ]
}

fn choices() -> Vec<Row> {
    let options = json!([{"name": "low"}, {"name": "middle"}, {"name": "x, \"y\""}]);
    vec![
        Row::of("boolean", [json!(false), json!(true), json!(true)])
            .refuses([json!("true"), json!(1)])
            .never_unique(),
        Row::of("select", [json!("low"), json!("middle"), json!("x, \"y\"")])
            .settings(json!({"options": options}))
            .refuses([json!("other"), json!(["low"])])
            .never_unique(),
        Row::of(
            "multiSelect",
            [
                json!(["low"]),
                json!(["middle", "low", "middle"]),
                json!([]),
            ],
        )
        .settings(json!({"options": options}))
        .reads([json!(["low"]), json!(["middle", "low"]), json!([])])
        .refuses([json!("low"), json!(["other"])])
        .unsortable()
        .never_unique(),
        Row::of(
            "stringList",
            [
                json!(["b", "a", "b"]),
                json!(["a", " \"c\", \\d "]),
                json!([]),
            ],
        )
        .refuses([json!("a"), json!([1]), json!(["x".repeat(256)])])
        .unsortable()
        .never_unique(),
    ]
}

fn composites() -> Vec<Row> {
    let money = |amount: &str, currency: &str| json!({"amount": amount, "currency": currency});
    let name = |formatted: &str, parts: [Json; 5]| {
        let [prefix, given, middle, family, suffix] = parts;
        json!({"formatted": formatted, "prefix": prefix, "given": given, "middle": middle,
               "family": family, "suffix": suffix})
    };
    let none = Json::Null;
    let place =
        |latitude: f64, longitude: f64| json!({"latitude": latitude, "longitude": longitude});
    vec![
        Row::of("money", [money("-1", "EUR"), money("12.5", "USD"), money("12.5001", "EUR")])
            .reads([money("-1.0000", "EUR"), money("12.5000", "USD"), money("12.5001", "EUR")])
            .shows_on_request("baseAmount", ["-1.0000", "12.5000", "12.5001"])
            .refuses([money("1", "eur"), money("1", "ABC"), json!("1"), json!({"amount": "1"})])
            .sorted_by("amount")
            .never_unique(),
        Row::of(
            "personName",
            [
                json!({"given": "Ada"}),
                json!({"prefix": "Dr.", "given": "Ada", "middle": "K.", "family": "Lovelace"}),
                json!({"given": "Zoë", "family": "de Wit", "suffix": "Jr.", "prefix": null}),
            ],
        )
        .reads([
            name("Ada", [none.clone(), json!("Ada"), none.clone(), none.clone(), none.clone()]),
            name(
                "Dr. Ada K. Lovelace",
                [json!("Dr."), json!("Ada"), json!("K."), json!("Lovelace"), none.clone()],
            ),
            name(
                "Zoë de Wit Jr.",
                [none.clone(), json!("Zoë"), none.clone(), json!("de Wit"), json!("Jr.")],
            ),
        ])
        .refuses([json!({}), json!({"given": " "}), json!({"first": "Ada"}), json!("Ada")])
        .never_unique(),
        Row::of(
            "address",
            [
                json!({"city": "Antwerpen", "country": "BE"}),
                json!({"line1": "Damrak 1", "line2": "2nd floor", "city": "Amsterdam",
                       "region": "NH", "postalCode": "1012 LG", "country": "NL"}),
                json!({"line1": "P.O. Box 5", "country": null}),
            ],
        )
        .reads([
            json!({"formatted": "Antwerpen, BE", "line1": null, "line2": null, "city": "Antwerpen",
                   "region": null, "postalCode": null, "country": "BE"}),
            json!({"formatted": "Damrak 1, 2nd floor, 1012 LG Amsterdam, NH, NL",
                   "line1": "Damrak 1", "line2": "2nd floor", "city": "Amsterdam",
                   "region": "NH", "postalCode": "1012 LG", "country": "NL"}),
            json!({"formatted": "P.O. Box 5", "line1": "P.O. Box 5", "line2": null, "city": null,
                   "region": null, "postalCode": null, "country": null}),
        ])
        .refuses([json!({}), json!({"country": "Netherlands"}), json!({"zip": "1"}), json!("x")])
        .never_unique(),
        Row::of("geoPoint", [place(-17.8, 179.9), place(0.0, -179.5), place(52.379, 4.9)])
            .refuses([place(90.1, 0.0), place(0.0, 180.1), json!([1, 2]), json!({"latitude": 1.0})])
            .filter(
                "within",
                json!({"center": {"latitude": 0, "longitude": 180}, "radius": 100_000}),
                &[1],
            )
            .filter("box", json!({"south": -20, "west": 179, "north": 1, "east": -179}), &[0, 1])
            .sorted_by("latitude")
            .never_unique(),
        Row::of(
            "file",
            [
                json!({"name": "a.txt", "mimeType": "text/plain", "size": 100}),
                json!({"name": "b.pdf", "mimeType": "application/pdf", "size": "200", "checksum": null}),
                json!({"name": "c", "mimeType": "image/svg+xml", "size": "300",
                       "checksum": format!("sha256:{}", "0f".repeat(32))}),
            ],
        )
        .reads([
            json!({"name": "a.txt", "mimeType": "text/plain", "size": "100", "checksum": null}),
            json!({"name": "b.pdf", "mimeType": "application/pdf", "size": "200", "checksum": null}),
            json!({"name": "c", "mimeType": "image/svg+xml", "size": "300",
                   "checksum": format!("sha256:{}", "0f".repeat(32))}),
        ])
        .refuses([
            json!({"name": "../a", "mimeType": "text/plain", "size": 1}),
            json!({"name": "a", "mimeType": "text", "size": 1}),
            json!({"name": "a", "mimeType": "text/plain", "size": -1}),
            json!({"name": "a", "mimeType": "text/plain", "size": 1, "checksum": "md5:1"}),
        ])
        .sorted_by("name")
        .never_unique(),
        Row::of("secret", [json!("one"), json!("two \u{1f680}"), json!("three")])
            .reads([json!({"isSet": true}), json!({"isSet": true}), json!({"isSet": true})])
            .refuses([json!(""), json!(1), json!({"isSet": true})])
            .unsortable()
            .never_unique()
            .without_default()
            .never_equal(),
    ]
}

fn others() -> Vec<Row> {
    let id = |last: u8| json!(format!("0190a6e2-7b1c-7d3e-8f4a-5b6c7d8e9f{last:02x}"));
    let reference = |at: u8| json!({"id": format!("@{at}")});
    vec![
        Row::of(
            "json",
            [
                json!({"b": [1, {"a": null}], "a": 1.5}),
                json!("text"),
                json!([]),
            ],
        )
        .refuses([json!({"a": "\0"})])
        .unsortable()
        .never_unique(),
        Row::of("uuid", [id(1), id(2), id(255)]).refuses([json!("1"), json!(1)]),
        Row::of("reference", [json!("@0"), reference(1), reference(2)])
            .reads([reference(0), reference(1), reference(2)])
            .settings(json!({"target": "organization", "inverse": {}}))
            .refuses([id(1), json!("x"), json!({"name": "A"})])
            .unsortable()
            .without_default(),
        Row::computed(
            "formula",
            json!({"result": "text", "expression": "mark == \"none\" ? null : mark + \"!\""}),
            [json!("0!"), json!("1!"), json!("2!")],
        ),
    ]
}
