//! Validation rules, conditional `required` and defaults that are expressions: what is sent names
//! fields, what is stored holds ids.

use super::{super::changeset::RuleInput, Validation};
use crate::{
    catalog::{
        Subject,
        definition::{FieldAttributes, RuleDefinition},
    },
    error::{FaultCode, Place},
    expression::{Path, Program, Purpose, Scope},
    field_type::{FieldType, Settings},
};

/// The most validation rules of one type.
const MAX_RULES: usize = 50;
/// The most characters of what people are told who break a rule.
const MAX_MESSAGE: usize = 500;

impl Validation<'_> {
    /// The validation rules of a type as they are stored.
    pub(super) fn rules(
        &mut self,
        owner: Subject,
        sent: &[RuleInput],
        place: &Place,
    ) -> Vec<RuleDefinition> {
        let place = place.child("validations");
        if sent.len() > MAX_RULES {
            let message = format!("a type has at most {MAX_RULES} validation rules");
            self.refuse(place, FaultCode::InvalidValue, message);
            return Vec::new();
        }
        let mut rules: Vec<RuleDefinition> = Vec::with_capacity(sent.len());
        for (at, input) in sent.iter().enumerate() {
            let place = place.child(at);
            let rule = self.rule(owner, input, &place);
            let Some(rule) = rule else { continue };
            if rules.iter().any(|known| known.name == rule.name) {
                let message = format!("there are two rules called {:?}", rule.name.as_str());
                self.refuse(place.child("name"), FaultCode::NameTaken, message);
            }
            rules.push(rule);
        }
        rules
    }

    fn rule(&mut self, owner: Subject, input: &RuleInput, place: &Place) -> Option<RuleDefinition> {
        let name = self.well_formed(&input.name, &place.child("name"));
        let length = input.message.chars().count();
        if input.message.trim().is_empty() || length > MAX_MESSAGE || input.message.contains('\0') {
            let message = format!("must be a text of 1 to {MAX_MESSAGE} characters");
            self.refuse(place.child("message"), FaultCode::InvalidValue, message);
        }
        let condition = self.condition(owner, &input.condition, &place.child("condition"));
        let mut fields = Vec::with_capacity(input.fields.len());
        for (at, name) in input.fields.iter().enumerate() {
            if let Some(member) = self.draft.find(owner.uuid(), name) {
                fields.push(member.id);
            } else {
                let message = format!("there is no field {name:?}");
                let place = place.child("fields").child(at);
                self.refuse(place, FaultCode::UnknownField, message);
            }
        }
        Some(RuleDefinition {
            name: name?,
            condition: condition?,
            message: input.message.clone(),
            fields,
        })
    }

    /// A condition as it is stored.
    fn condition(&mut self, owner: Subject, text: &str, place: &Place) -> Option<String> {
        let program = Program::define(text, Purpose::Condition, owner.uuid(), &self.draft);
        let checked = program.and_then(|program| {
            program.check_condition()?;
            Ok(program.stored().to_owned())
        });
        match checked {
            Ok(stored) => {
                let operation = self.impacts.len().saturating_sub(1);
                if !self.checked.contains(&(owner, operation)) {
                    self.checked.push((owner, operation));
                }
                Some(stored)
            }
            Err(error) => {
                self.refuse(place.clone(), FaultCode::InvalidValue, error.to_string());
                None
            }
        }
    }

    /// Puts ids in place of the names in the expressions that were sent among attributes.
    pub(super) fn attributes_are_read(
        &mut self,
        owner: Subject,
        attributes: &mut FieldAttributes,
        (field_type, settings): (&dyn FieldType, &Settings),
        (is_sent, place): (impl Fn(&str) -> bool, &Place),
    ) {
        if let Some(text) = attributes
            .required_when
            .clone()
            .filter(|_| is_sent("requiredWhen"))
        {
            let place = place.child("requiredWhen");
            if field_type.is_computed() {
                let message = format!("a {} is computed and can't be required", field_type.name());
                self.refuse(place.clone(), FaultCode::InvalidValue, message);
            }
            attributes.required_when = self.condition(owner, &text, &place);
        }
        let sent = attributes.default_expression.clone();
        if let Some(text) = sent.filter(|_| is_sent("defaultExpression")) {
            let place = place.child("defaultExpression");
            let stored = self.default(owner, &text, (field_type, settings));
            match stored {
                Ok(stored) => attributes.default_expression = Some(stored),
                Err(message) => self.refuse(place, FaultCode::InvalidValue, message),
            }
        }
    }

    /// A default as it is stored. It is made before the record is there, so that it reads only what is
    /// written with it.
    fn default(
        &self,
        owner: Subject,
        text: &str,
        (field_type, settings): (&dyn FieldType, &Settings),
    ) -> Result<String, String> {
        if field_type.is_computed() {
            return Err(format!(
                "a {} is computed and has no default",
                field_type.name()
            ));
        }
        if settings.is_reference() {
            return Err("a reference can't have a default".to_owned());
        }
        let program = Program::define(text, Purpose::Default, owner.uuid(), &self.draft)
            .and_then(|program| {
                program.check_result(&field_type.parts(settings))?;
                Ok(program)
            })
            .map_err(|error| error.to_string())?;
        if !program.inputs().iter().all(Path::is_own) {
            return Err("reads through a reference, which a default can't".to_owned());
        }
        Ok(program.stored().to_owned())
    }
}
