package store

// Subject returns the API that is created.
func (m CreateAPI) Subject() (Kind, string) { return KindAPI, m.API.ID }

// Event returns EventAPICreated.
func (CreateAPI) Event() string { return EventAPICreated }

// Subject returns the API that is changed.
func (m UpdateAPI) Subject() (Kind, string) { return KindAPI, m.API.ID }

// Event returns EventAPIUpdated.
func (UpdateAPI) Event() string { return EventAPIUpdated }

// Subject returns the API that is deleted.
func (m DeleteAPI) Subject() (Kind, string) { return KindAPI, m.ID }

// Event returns EventAPIDeleted.
func (DeleteAPI) Event() string { return EventAPIDeleted }

// Subject returns the API whose tokens end.
func (m RevokeAPITokens) Subject() (Kind, string) { return KindAPI, m.ID }

// Event returns EventAPITokensRevoked.
func (RevokeAPITokens) Event() string { return EventAPITokensRevoked }

// Subject returns the API.
func (m AddResourceServer) Subject() (Kind, string) { return KindAPI, m.APIID }

// Event returns EventResourceServerAdded.
func (AddResourceServer) Event() string { return EventResourceServerAdded }

// Subject returns the API.
func (m RemoveResourceServer) Subject() (Kind, string) { return KindAPI, m.APIID }

// Event returns EventResourceServerRemoved.
func (RemoveResourceServer) Event() string { return EventResourceServerRemoved }

// Subject returns the key that is created.
func (m CreateClient) Subject() (Kind, string) { return KindClient, m.Client.ID }

// Event returns EventKeyCreated.
func (CreateClient) Event() string { return EventKeyCreated }

// Subject returns the key that is changed.
func (m UpdateClient) Subject() (Kind, string) { return KindClient, m.Client.ID }

// Event returns EventKeyUpdated.
func (UpdateClient) Event() string { return EventKeyUpdated }

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

// Subject returns the key whose tokens end.
func (m RevokeClientTokens) Subject() (Kind, string) { return KindClient, m.ID }

// Event returns EventKeyTokensRevoked.
func (RevokeClientTokens) Event() string { return EventKeyTokensRevoked }

// Subject returns the key that gets the secret.
func (m AddSecret) Subject() (Kind, string) { return KindClient, m.ClientID }

// Event returns EventSecretAdded.
func (AddSecret) Event() string { return EventSecretAdded }

// Subject returns the key that loses the secret.
func (m RemoveSecret) Subject() (Kind, string) { return KindClient, m.ClientID }

// Event returns EventSecretRemoved.
func (RemoveSecret) Event() string { return EventSecretRemoved }

// Subject returns the key whose secret it is.
func (m SetSecretExpiry) Subject() (Kind, string) { return KindClient, m.ClientID }

// Event returns EventSecretExpirySet.
func (SetSecretExpiry) Event() string { return EventSecretExpirySet }

// Subject returns the signing key that is created.
func (m CreateSigningKey) Subject() (Kind, string) { return KindSigningKey, m.SigningKey.ID }

// Event returns EventSigningKeyCreated.
func (CreateSigningKey) Event() string { return EventSigningKeyCreated }

// Subject returns the signing key that is revoked.
func (m RevokeSigningKey) Subject() (Kind, string) { return KindSigningKey, m.ID }

// Event returns EventSigningKeyRevoked.
func (RevokeSigningKey) Event() string { return EventSigningKeyRevoked }

// Subject returns the signing key that is removed.
func (m DeleteSigningKey) Subject() (Kind, string) { return KindSigningKey, m.ID }

// Event returns EventSigningKeyDeleted.
func (DeleteSigningKey) Event() string { return EventSigningKeyDeleted }

// Subject returns the signing key that is sealed anew.
func (m ResealSigningKey) Subject() (Kind, string) { return KindSigningKey, m.ID }

// Event returns EventSigningKeyResealed.
func (ResealSigningKey) Event() string { return EventSigningKeyResealed }

// Subject returns the revocation.
func (m RevokeToken) Subject() (Kind, string) { return KindRevocation, m.Revocation.String() }

// Event returns EventTokenRevoked.
func (RevokeToken) Event() string { return EventTokenRevoked }

// Subject returns the revocation.
func (m RevokeFamily) Subject() (Kind, string) { return KindRevocation, m.Revocation.String() }

// Event returns EventFamilyRevoked.
func (RevokeFamily) Event() string { return EventFamilyRevoked }

// Subject returns the one instant there is.
func (RevokeAllTokens) Subject() (Kind, string) { return KindNotBefore, "all" }

// Event returns EventAllTokensRevoked.
func (RevokeAllTokens) Event() string { return EventAllTokensRevoked }

// Subject returns the one instant there is.
func (StartEpoch) Subject() (Kind, string) { return KindNotBefore, "all" }

// Event returns EventRestored.
func (StartEpoch) Event() string { return EventRestored }
