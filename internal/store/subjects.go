package store

// Subject returns the API that is created.
func (m CreateAPI) Subject() (Kind, string) { return KindAPI, m.API.ID }

// Event returns EventAPICreated.
func (CreateAPI) Event() string { return EventAPICreated }

// Subject returns the key that is created.
func (m CreateClient) Subject() (Kind, string) { return KindClient, m.Client.ID }

// Event returns EventKeyCreated.
func (CreateClient) Event() string { return EventKeyCreated }

// Subject returns the key that is disabled or enabled.
func (m SetClientDisabled) Subject() (Kind, string) { return KindClient, m.ID }

// Event returns EventKeyDisabled or EventKeyEnabled.
func (m SetClientDisabled) Event() string {
	if m.Disabled {
		return EventKeyDisabled
	}
	return EventKeyEnabled
}

// Subject returns the key that is deleted.
func (m DeleteClient) Subject() (Kind, string) { return KindClient, m.ID }

// Event returns EventKeyDeleted.
func (DeleteClient) Event() string { return EventKeyDeleted }

// Subject returns the signing key that is created.
func (m CreateSigningKey) Subject() (Kind, string) { return KindSigningKey, m.SigningKey.ID }

// Event returns EventSigningKeyCreated.
func (CreateSigningKey) Event() string { return EventSigningKeyCreated }
