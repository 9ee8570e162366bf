package mirror

import (
	"encoding/hex"
	"fmt"
)

// Known is all that a mirror knows, in a form that can be compared.
func (m *Mirror) Known() map[string]string {
	m.pull.Lock()
	defer m.pull.Unlock()
	known := map[string]string{
		"position":     fmt.Sprint(m.position),
		"not before":   fmt.Sprint(m.notBefore.Load()),
		"signing keys": fmt.Sprint(m.signing),
		"origins":      fmt.Sprint(*m.origins.listed.Load(), m.origins.counts),
		"revocations":  fmt.Sprint(m.revoked.len()),
		"keys":         fmt.Sprint(m.clients.Load().len()),
	}
	for c := range m.clients.Load().all() {
		text := fmt.Sprintf("%s %x %d", c.Grants, c.first, c.stamp)
		if c.further != nil {
			text += fmt.Sprintf(" %+v", *c.further)
		}
		known["key "+c.ID] = text
	}
	for _, a := range m.directory.Load().list {
		known["API "+a.ID] = fmt.Sprintf("%+v %v %v", a.API, a.leftOut, a.catalogue != nil)
	}
	for i := range m.revoked.shards {
		table := m.revoked.shards[i].table.Load()
		if table == nil {
			continue
		}
		for j := range table.slots {
			expires := table.slots[j].expires.Load()
			if expires != 0 {
				known["revoked "+hex.EncodeToString(table.slots[j].id[:])] = fmt.Sprint(expires)
			}
		}
	}
	return known
}

// Empty reports whether the mirror never knew anything.
func (m *Mirror) Empty() bool {
	m.pull.Lock()
	defer m.pull.Unlock()
	return m.clients.Load() == nil && m.directory.Load() == nil && m.fresh.Load() == nil && m.revoked.len() == 0 &&
		m.notBefore.Load() == 0 && m.signing == nil && m.until == nil && m.position.Seq == 0
}
