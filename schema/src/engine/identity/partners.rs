//! Partners: organizations of the CRM whose own systems have access.

use super::{member, not_found, shares::told};
use crate::{
    access::Caller,
    engine::Engine,
    error::{Error, FaultCode, Result},
    field_type::{FieldType, Settings, find_field_type},
    id::{PartnerId, RecordId},
    identity::{
        AuditKind, AuditObject, Draft, Listed, Listing, NewPartner, Partner, PartnerChange,
        PartnerOrganization, check_label, faults_to_result,
    },
    value::{Value, instant_text},
};

impl Engine {
    /// One page of partners, oldest first; for somebody who manages a partner, that one.
    pub async fn list_partners(
        &self,
        caller: &Caller,
        listing: Listing,
    ) -> Result<Listed<Partner>> {
        let managing = self.managing(caller)?;
        let listed = self.store.list_partners(listing, managing.only()).await?;
        Ok(Listed {
            items: listed.items.into_iter().map(show_partner).collect(),
            has_next: listed.has_next,
        })
    }

    /// One partner.
    pub async fn load_partner(&self, caller: &Caller, id: PartnerId) -> Result<Partner> {
        let managing = self.managing(caller)?;
        let found = self.store.find_partner(id).await?;
        found
            .filter(|row| managing.sees(Some(row.id)))
            .map(show_partner)
            .ok_or_else(|| not_found("partner", id))
    }

    /// Makes an organization a partner.
    pub async fn create_partner(&self, caller: &Caller, new: NewPartner) -> Result<Partner> {
        self.manage_access(caller)?;
        let NewPartner { organization, name } = new;
        faults_to_result(check_label("name", &name).into_iter().collect())?;
        let organization = parse_organization(&organization)?;
        let now = self.clock.now();
        let change = self.change_all(caller).await?;
        if !change.organization_exists(organization).await? {
            let message = format!("there is no organization {organization}");
            return Err(Error::fault(
                member("organization"),
                FaultCode::ReferenceNotFound,
                message,
            ));
        }
        if change.is_partner(organization).await? {
            let fields = vec!["organization".to_owned()];
            return Err(Error::UniqueConflict { fields });
        }
        let row = entity::partner::Model {
            id: self.ids.uuid(now),
            organization_id: organization,
            name,
            active: true,
            created_at: now,
            updated_at: now,
        };
        change.insert_partner(row.clone()).await?;
        let object = (AuditObject::Partner, row.id);
        let shown = show_partner(row);
        let entry = Draft::of(caller, AuditKind::PartnerCreated, object).after(&shown);
        self.commit_access(change, entry).await?;
        Ok(shown)
    }

    /// Changes a partner. One that is not active has no working keys.
    pub async fn update_partner(
        &self,
        caller: &Caller,
        id: PartnerId,
        wanted: PartnerChange,
    ) -> Result<Partner> {
        self.manage_access(caller)?;
        let PartnerChange { name, active } = wanted;
        let label = name.as_deref().and_then(|name| check_label("name", name));
        faults_to_result(label.into_iter().collect())?;
        let change = self.change_all(caller).await?;
        let found = change.find_partner(id).await?;
        let mut row = found.ok_or_else(|| not_found("partner", id))?;
        let before = show_partner(row.clone());
        row.name = name.unwrap_or(row.name);
        row.active = active.unwrap_or(row.active);
        row.updated_at = self.clock.now();
        change.update_partner(row.clone()).await?;
        let object = (AuditObject::Partner, row.id);
        let shown = show_partner(row);
        let entry = Draft::of(caller, AuditKind::PartnerChanged, object);
        let mut entry = entry.before(&before).after(&shown);
        if before.active && !shown.active {
            let shares = change.shares_with(id.uuid()).await?;
            entry = entry.with("shares", told(&self.state().catalog, shares));
        }
        self.commit_access(change, entry).await?;
        Ok(shown)
    }
}

/// The id in a reference, written as everywhere: a text or `{"id"}`.
fn parse_organization(json: &serde_json::Value) -> Result<uuid::Uuid> {
    let parsed = find_field_type("reference")
        .map(|reference| FieldType::parse_part(reference, &Settings::default(), 0, json));
    let message = match parsed {
        Some(Ok(Value::Uuid(id))) => return Ok(id),
        Some(Err(message)) => message,
        Some(Ok(_)) | None => "must be the id of a record".to_owned(),
    };
    Err(Error::fault(
        member("organization"),
        FaultCode::InvalidValue,
        message,
    ))
}

fn show_partner(row: entity::partner::Model) -> Partner {
    Partner {
        id: PartnerId::new(row.id),
        organization: PartnerOrganization {
            id: RecordId::new(row.organization_id),
        },
        name: row.name,
        active: row.active,
        created_at: instant_text(row.created_at),
        updated_at: instant_text(row.updated_at),
    }
}
