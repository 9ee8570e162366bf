package storetest

import (
	"fmt"
	"sync"
	"time"

	"github.com/grantd/grantd/internal/store"
)

func nodeTests() []test {
	return []test{
		{"a read begun on one node sees what was written on another before", nodesReadWrites},
		{"numbers are dense and the trail is one chain when all nodes write, and some fail", nodesDense},
		{"a reader on another node never sees a hole", nodesReaderSeesNoHole},
		{"of writes of one key, one audience or one scope on all nodes exactly one succeeds", nodesOneWins},
		{"of many who present one generation to all nodes, one gets Renewed and the rest Repeated with its time", nodesOneRenews},
		{"of many who present a generation too late to all nodes, one gets Reused and revokes the family", nodesOneReuses},
		{"a rotation begun after a revocation on another node returned is Revoked", nodesRevoked},
		{"InitSetting returns the same value on all nodes", nodesInitSetting},
		{"of many who use one thing on all nodes exactly one returns nil", replayNodes},
		{"uses that all nodes note at the same time leave the last", nodesUses},
		{"of nodes that ask for one lease at once exactly one gets it", nodesLease},
		{"what is written under a lease is there before another has it, or never", nodesTakeOver},
		{"a batch of usage that arrives several times while it is merged is there once", nodesUsage},
		{"of two admins who take each other away on two nodes one succeeds", nodesKeepAnAdmin},
		{"nodes that expire at the same time remove everything once", nodesExpire},
		{"nodes that change the same records at the same time see each other's changes whole", nodesChangeTheSame},
		{"of changes made from the same state of a key on all nodes exactly one is kept", nodesUpdate},
		{"a node that closes leaves the others working", nodesClose},
	}
}

// nodes opens the database twice more, and returns the stores of all three nodes.
func (e *env) nodes() []store.Store {
	e.Helper()
	all := []store.Store{e.store}
	for range 2 {
		node := e.db.Open(e.T)
		e.Cleanup(func() {
			err := node.Close()
			if err != nil {
				e.Errorf("close a node at the end: %v", err)
			}
		})
		all = append(all, node)
	}
	return all
}

// onAll runs f on each node several times at the same moment.
func (e *env) onAll(nodes []store.Store, each int, f func(node store.Store, n int)) {
	begin := make(chan struct{})
	var wg sync.WaitGroup
	for i := range len(nodes) * each {
		wg.Go(func() {
			<-begin
			f(nodes[i%len(nodes)], i)
		})
	}
	close(begin)
	wg.Wait()
}

func nodesReadWrites(e *env) {
	nodes := e.nodes()
	for i := range 30 {
		id := fmt.Sprint(i)
		p, err := nodes[i%3].Write(e.ctx, origin, createClient(id))
		fails(e, "write", err, nil)
		for _, node := range nodes {
			_, err = node.Client(e.ctx, id)
			fails(e, "client "+id, err, nil)
			head, err := node.Head(e.ctx)
			fails(e, "head", err, nil)
			same(e, "head", head, p)
		}
	}
}

// writeOnAll has every node write beside the others, every third write of which
// fails, and returns how many changes that makes.
func (e *env) writeOnAll(nodes []store.Store) (*sync.WaitGroup, int64) {
	const writers, writes = 4, 15
	var wg sync.WaitGroup
	for n, node := range nodes {
		for w := range writers {
			wg.Go(func() {
				for i := range writes {
					id := fmt.Sprintf("%d-%d-%d", n, w, i)
					_, err := node.Write(e.ctx, origin, createClient(id), store.SetClientDisabled{ID: id})
					fails(e, "write", err, nil)
					if i%3 == 0 {
						_, err = node.Write(e.ctx, origin, createClient(id+"x"), createClient(id))
						fails(e, "write", err, store.ErrConflict)
					}
				}
			})
		}
	}
	return &wg, int64(2 * len(nodes) * writers * writes)
}

func nodesDense(e *env) {
	wg, want := e.writeOnAll(e.nodes())
	wg.Wait()
	changes := e.changes(store.Position{})
	same(e, "number of changes", int64(len(changes)), want)
	for i, c := range changes {
		if c.Seq != int64(i+1) {
			e.Fatalf("change %d has the number %d", i+1, c.Seq)
		}
	}
	same(e, "head", e.head(), changes[len(changes)-1].Position)
	rows := e.auditRows()
	same(e, "number of rows", int64(len(rows)), want)
	chained(e, rows)
}

func nodesReaderSeesNoHole(e *env) {
	nodes := e.nodes()
	wg, want := e.writeOnAll(nodes[:2])
	e.followFeed(nodes[2], want)
	wg.Wait()
}

func nodesOneWins(e *env) {
	nodes := e.nodes()
	for i := range 5 {
		contested := map[string]func(n int) store.Mutation{
			"id": func(int) store.Mutation { return createClient(fmt.Sprint(i)) },
			"audience": func(n int) store.Mutation {
				api := newAPI(fmt.Sprintf("audience-%d-%d", i, n))
				api.Audience, api.Scopes = fmt.Sprint("https://", i), nil
				return store.CreateAPI{API: api}
			},
			"scope": func(n int) store.Mutation {
				api := newAPI(fmt.Sprintf("scope-%d-%d", i, n))
				api.Scopes = []string{fmt.Sprint("/", i)}
				return store.CreateAPI{API: api}
			},
		}
		for what, mutation := range contested {
			var mu sync.Mutex
			won := 0
			e.onAll(nodes, 4, func(node store.Store, n int) {
				_, err := node.Write(e.ctx, origin, mutation(n))
				if err != nil {
					fails(e, "write the same "+what, err, store.ErrConflict)
					return
				}
				mu.Lock()
				won++
				mu.Unlock()
			})
			same(e, "how many won the same "+what, won, 1)
		}
	}
}

func nodesInitSetting(e *env) {
	nodes := e.nodes()
	for i := range 5 {
		name := fmt.Sprint("n", i)
		got := make([]string, 12)
		e.onAll(nodes, 4, func(node store.Store, n int) {
			value, err := node.InitSetting(e.ctx, name, fmt.Append(nil, "value ", n))
			fails(e, "init setting", err, nil)
			got[n] = string(value)
		})
		for n := range got {
			same(e, "value returned", got[n], string(e.setting(name)))
		}
	}
}

func nodesUses(e *env) {
	nodes := e.nodes()
	e.write(createClients(20)...)
	e.onAll(nodes, 4, func(node store.Store, n int) {
		var uses []store.SecretUse
		for i := range 20 {
			// Each in an order of its own.
			uses = append(uses, useOf(fmt.Sprintf("client-%04d", (i*7+n)%20), time.Duration(n)*time.Second))
		}
		fails(e, "record uses", node.RecordUses(e.ctx, uses), nil)
	})
	for _, c := range e.clients() {
		want := useOf(c.ID, 11*time.Second)
		same(e, "last use", []any{c.Secrets[1].LastUsedAt, c.Secrets[1].LastUsedFrom}, []any{want.At, want.From})
	}
}

func nodesClose(e *env) {
	nodes := e.nodes()
	_, err := nodes[1].Write(e.ctx, origin, createClient("a"))
	fails(e, "write", err, nil)
	fails(e, "close", nodes[1].Close(), nil)
	_, err = nodes[2].Write(e.ctx, origin, createClient("b"))
	fails(e, "write", err, nil)
	same(e, "clients", ids(e.clients()), []string{"a", "b"})
	_, err = nodes[1].Client(e.ctx, "a")
	fails(e, "read on the node that is closed", err, store.ErrUnavailable)
}
