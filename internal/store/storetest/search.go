package storetest

import (
	"fmt"
	"time"

	"github.com/grantd/grantd/internal/store"
)

func searchTests() []test {
	return []test{
		{"pages of every order put together are all keys, each once and in order", searchOrders},
		{"a prefix finds the ids and the names that begin so, and no others", searchPrefixes},
		{"what a key contains is found in its name, its id and its owner, and nothing in it is a pattern", searchContains},
		{"owner, mode, state and creation leave out the others", searchFilters},
		{"an order that does not go with what is asked for is ErrInvalid", searchInvalid},
		{"keys are found by the day of their last use", searchUse},
		{"rows of the audit trail come the latest first, by actor, event, record and time", searchAudit},
	}
}

func (e *env) find(q store.ClientQuery) []string {
	e.Helper()
	var all []string
	for range 100 {
		found, err := e.store.FindClients(e.ctx, q)
		e.must("find keys", err)
		all = append(all, ids(found.Clients)...)
		if found.Next == (store.ClientPlace{}) {
			return all
		}
		q.After = found.Next
	}
	e.Fatalf("the list of %+v does not end", q)
	return nil
}

// searched are keys whose orders all differ.
func (e *env) searched() {
	e.Helper()
	for i, c := range []struct{ id, name, owner string }{
		{"b", "alpha", "acme"}, {"a", "Beta", "acme"}, {"ca", "alpha", "søndag"}, {"c", "gamma 100%", ""}, {"d", "Alphabet_", "other"},
	} {
		client := newClient(c.id)
		client.Name, client.Owner, client.Disabled, client.Mode = c.name, c.owner, i%2 == 0, store.Live
		client.CreatedAt = now.Add(-time.Duration(i/2) * time.Hour)
		client.Policy.ValidUntil = time.Time{}
		e.write(store.CreateClient{Client: client})
	}
}

func searchOrders(e *env) {
	e.searched()
	for order, want := range map[store.ClientOrder][]string{
		store.ByID:          {"a", "b", "c", "ca", "d"},
		store.ByName:        {"b", "ca", "d", "a", "c"},
		store.Newest:        {"b", "a", "ca", "c", "d"},
		store.LongestUnused: {"a", "b", "c", "ca", "d"},
	} {
		for _, limit := range []int{1, 2, 3, 5, 1 << 40} {
			same(e, fmt.Sprint("ids by ", order, " with limit ", limit), e.find(store.ClientQuery{Order: order, Limit: limit}), want)
		}
	}
	found, err := e.store.FindClients(e.ctx, store.ClientQuery{Order: store.ByID, Limit: 1})
	e.must("find keys", err)
	whole, err := e.store.Client(e.ctx, "a")
	e.must("read a key", err)
	same(e, "the key that is found", found.Clients, []store.Client{whole})
	none, err := e.store.FindClients(e.ctx, store.ClientQuery{Order: store.ByID})
	e.must("find no keys", err)
	same(e, "keys with limit 0", len(none.Clients), 0)
}

func searchPrefixes(e *env) {
	e.searched()
	for prefix, want := range map[string][]string{"c": {"c", "ca"}, "ca": {"ca"}, "cb": nil, "": {"a", "b", "c", "ca", "d"}, "ø": nil} {
		same(e, fmt.Sprintf("ids that begin with %q", prefix), e.find(store.ClientQuery{Order: store.ByID, Prefix: prefix, Limit: 1}), want)
	}
	for prefix, want := range map[string][]string{"ALPHA": {"b", "ca", "d"}, "alphab": {"d"}, "x": nil, "alph%": nil} {
		same(e, fmt.Sprintf("names that begin with %q", prefix), e.find(store.ClientQuery{Order: store.ByName, Prefix: prefix, Limit: 2}), want)
	}
}

func searchContains(e *env) {
	e.searched()
	for text, want := range map[string][]string{
		"LPHA": {"b", "ca", "d"}, "%": {"c"}, "_": {"d"}, "cme": {"a", "b"}, "søn": {"ca"}, `\`: nil, "ca": {"ca"}, "' OR 1=1 --": nil,
	} {
		same(e, fmt.Sprintf("keys that contain %q", text), e.find(store.ClientQuery{Order: store.ByID, Contains: text, Limit: 2}), want)
	}
}

func searchFilters(e *env) {
	e.searched()
	yes, no := true, false
	test := newClient("t")
	e.write(store.CreateClient{Client: test})
	for name, tt := range map[string]struct {
		q    store.ClientQuery
		want []string
	}{
		"owner":                 {store.ClientQuery{Owner: "acme"}, []string{"a", "b"}},
		"owner that none has":   {store.ClientQuery{Owner: "acm"}, nil},
		"owner, disabled":       {store.ClientQuery{Owner: "acme", Disabled: &yes}, []string{"b"}},
		"mode":                  {store.ClientQuery{Mode: store.Test}, []string{"t"}},
		"disabled":              {store.ClientQuery{Disabled: &yes}, []string{"b", "ca", "d", "t"}},
		"enabled":               {store.ClientQuery{Disabled: &no}, []string{"a", "c"}},
		"enabled, newest":       {store.ClientQuery{Order: store.Newest, Disabled: &no}, []string{"a", "c"}},
		"created before":        {store.ClientQuery{CreatedBefore: now.Add(-time.Hour)}, []string{"d", "t"}},
		"expired by its policy": {store.ClientQuery{Expired: &yes, At: test.Policy.ValidUntil}, []string{"t"}},
		"not expired by then":   {store.ClientQuery{Expired: &no, At: test.Policy.ValidUntil}, []string{"a", "b", "c", "ca", "d"}},
		"expired with secrets":  {store.ClientQuery{Expired: &yes, At: now.Add(24 * time.Hour)}, []string{"a", "b", "c", "ca", "d", "t"}},
	} {
		tt.q.Limit = 2
		if tt.q.Order == "" {
			tt.q.Order = store.ByID
		}
		same(e, "ids by "+name, e.find(tt.q), tt.want)
	}
}

func searchInvalid(e *env) {
	for _, q := range []store.ClientQuery{
		{Limit: 1},
		{Order: "no such", Limit: 1},
		{Order: store.ByName, Owner: "acme", Limit: 1},
		{Order: store.Newest, Prefix: "a", Limit: 1},
	} {
		_, err := e.store.FindClients(e.ctx, q)
		fails(e, fmt.Sprintf("%+v", q), err, store.ErrInvalid)
	}
}

func searchUse(e *env) {
	e.searched()
	l := e.acquire(1, now)
	today := store.Day.Start(now)
	e.must("merge", e.store.MergeUsage(e.ctx, l, store.UsageMerge{Used: []store.UsedClient{
		usedAt("a", today.Add(time.Hour)), usedAt("c", today.Add(-48*time.Hour)),
	}}))
	for name, tt := range map[string]struct {
		q    store.ClientQuery
		want []string
	}{
		"order":                    {store.ClientQuery{}, []string{"b", "ca", "d", "c", "a"}},
		"before today":             {store.ClientQuery{UsedBefore: now}, []string{"b", "ca", "d", "c"}},
		"from today":               {store.ClientQuery{UsedFrom: now}, []string{"a"}},
		"from the day before":      {store.ClientQuery{UsedFrom: now.Add(-48 * time.Hour), UsedBefore: now}, []string{"c"}},
		"from today, by id":        {store.ClientQuery{Order: store.ByID, UsedFrom: now}, []string{"a"}},
		"before today, by name":    {store.ClientQuery{Order: store.ByName, UsedBefore: now}, []string{"b", "ca", "d", "c"}},
		"before today, of no mode": {store.ClientQuery{UsedBefore: now, Mode: store.Test}, nil},
	} {
		tt.q.Limit = 2
		if tt.q.Order == "" {
			tt.q.Order = store.LongestUnused
		}
		same(e, "ids by use: "+name, e.find(tt.q), tt.want)
	}
}

func searchAudit(e *env) {
	at := func(i int) store.Origin {
		return store.Origin{Actor: fmt.Sprint("actor ", i%2), At: now.Add(time.Duration(i/2) * time.Second)}
	}
	for i := range 6 {
		_, err := e.store.Write(e.ctx, at(i), createClient(fmt.Sprint("c", i)))
		e.must("write", err)
	}
	_, err := e.store.Write(e.ctx, store.Origin{Actor: "late", At: now.Add(-time.Hour)}, store.DeleteClient{ID: "c1"})
	e.must("write", err)
	for name, tt := range map[string]struct {
		q    store.AuditQuery
		want []int64
	}{
		"everything":      {store.AuditQuery{}, []int64{6, 5, 4, 3, 2, 1, 7}},
		"actor":           {store.AuditQuery{Actor: "actor 1"}, []int64{6, 4, 2}},
		"event":           {store.AuditQuery{Event: store.EventKeyDeleted}, []int64{7}},
		"kind":            {store.AuditQuery{Kind: store.KindAPI}, nil},
		"record":          {store.AuditQuery{Kind: store.KindClient, ID: "c1"}, []int64{2, 7}},
		"record by actor": {store.AuditQuery{Kind: store.KindClient, ID: "c1", Actor: "late"}, []int64{7}},
		"time":            {store.AuditQuery{From: now, To: now.Add(2 * time.Second)}, []int64{4, 3, 2, 1}},
		"time, actor":     {store.AuditQuery{From: now.Add(time.Second), Actor: "actor 0"}, []int64{5, 3}},
		"no text":         {store.AuditQuery{Actor: "\x00"}, nil},
	} {
		for _, limit := range []int{1, 2, 100} {
			tt.q.Limit = limit
			same(e, fmt.Sprint("rows by ", name, " with limit ", limit), e.auditNumbers(tt.q), tt.want)
		}
	}
}

func (e *env) auditNumbers(q store.AuditQuery) []int64 {
	e.Helper()
	var all []int64
	for range 100 {
		found, err := e.store.FindAuditRows(e.ctx, q)
		e.must("find rows", err)
		for _, row := range found.Rows {
			all = append(all, row.Seq)
		}
		if found.Next == (store.AuditPlace{}) {
			return all
		}
		q.After = found.Next
	}
	e.Fatalf("the list of %+v does not end", q)
	return nil
}
