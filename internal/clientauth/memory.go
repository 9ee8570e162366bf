package clientauth

import "sync"

// memoryKey is a keyed digest; half of it is enough.
type memoryKey [16]byte

// memory is a set that forgets what was not asked for in a while: it keeps
// between one and two times limit.
type memory struct {
	limit int

	mu              sync.Mutex
	recent, earlier map[memoryKey]struct{}
}

func (m *memory) has(key memoryKey) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	_, found := m.recent[key]
	if found {
		return true
	}
	_, found = m.earlier[key]
	if found {
		m.put(key)
	}
	return found
}

func (m *memory) add(key memoryKey) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.put(key)
}

func (m *memory) put(key memoryKey) {
	if m.recent == nil || len(m.recent) >= m.limit {
		m.recent, m.earlier = map[memoryKey]struct{}{}, m.recent
	}
	m.recent[key] = struct{}{}
}
