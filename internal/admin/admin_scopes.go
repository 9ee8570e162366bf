package admin

// The scopes of the Admin API.
//
//nolint:gosec // G101: names of scopes, not credentials.
const (
	ScopeKeysRead         = "/admin/keys.read"
	ScopeKeysWrite        = "/admin/keys.write"
	ScopeUsageRead        = "/admin/usage.read"
	ScopeAPIsRead         = "/admin/apis.read"
	ScopeAPIsWrite        = "/admin/apis.write"
	ScopeTokensInspect    = "/admin/tokens.inspect"
	ScopeTokensRevoke     = "/admin/tokens.revoke"
	ScopeExplain          = "/admin/explain"
	ScopeSigningKeysRead  = "/admin/signing-keys.read"
	ScopeSigningKeysWrite = "/admin/signing-keys.write"
	ScopeAuditRead        = "/admin/audit.read"
	ScopeEventsRead       = "/admin/events.read"
	ScopeNodesRead        = "/admin/nodes.read"
	ScopeManifestRead     = "/admin/manifest.read"
	ScopeManifestWrite    = "/admin/manifest.write"
)

// Scopes are all scopes of the Admin API.
func Scopes() []string {
	return []string{
		ScopeKeysRead, ScopeKeysWrite, ScopeUsageRead, ScopeAPIsRead, ScopeAPIsWrite, ScopeTokensInspect, ScopeTokensRevoke,
		ScopeExplain, ScopeSigningKeysRead, ScopeSigningKeysWrite, ScopeAuditRead, ScopeEventsRead, ScopeNodesRead,
		ScopeManifestRead, ScopeManifestWrite,
	}
}
