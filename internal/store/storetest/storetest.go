package storetest

import (
	"testing"

	"github.com/grantd/grantd/internal/store"
)

// Engine is what the suite needs of an engine.
type Engine struct {
	// New makes an empty database that goes away with the test.
	New func(t *testing.T) Database
	// Shared says that several nodes can have a database open at the same time.
	Shared bool
	// Orders is how many orders of calls are tried; zero is a hundred.
	Orders int
}

// Database is one database of an engine.
type Database struct {
	// Open opens the database. Before the suite opens it again, it closes the store
	// it got here, unless the engine's databases are Shared. It fails the test when it
	// cannot.
	Open func(t *testing.T) store.Store
	// RemoveChange takes a change out of the feed's log behind the store's back,
	// which leaves everything else as it was.
	RemoveChange func(t *testing.T, seq int64)
	// AddChanges continues the feed by so many changes behind the store's back; what
	// they are about does not matter.
	AddChanges func(t *testing.T, n int)
}

// test is one sentence of the contract.
type test struct {
	name string
	run  func(e *env)
}

// Run runs the suite.
func Run(t *testing.T, e Engine) {
	groups := []struct {
		name  string
		tests []test
	}{
		{"Store", storeTests()},
		{"Write", writeTests()},
		{"Records", recordTests()},
		{"Texts", textTests()},
		{"Parameters, routes and policies", policyTests()},
		{"APIs", apiTests()},
		{"UpdateAPI", updateAPITests()},
		{"DeleteAPI", deleteAPITests()},
		{"Clients", clientTests()},
		{"UpdateClient", updateClientTests()},
		{"Pages of clients", clientPageTests()},
		{"Secrets", secretTests()},
		{"Resource servers", resourceServerTests()},
		{"SigningKeys", signingKeyTests()},
		{"Revocations", revocationTests()},
		{"Not before", notBeforeTests()},
		{"Rotate", rotationTests()},
		{"Rotate at the same time", rotationRaceTests()},
		{"RestoreFamilies", restoreFamiliesTests()},
		{"Feed", feedTests()},
		{"Forks", forkTests()},
		{"Trail", trailTests()},
		{"Settings", settingTests()},
		{"RecordUses", useTests()},
		{"Use", replayTests()},
		{"Expire", expiryTests()},
		{"Leases", leaseTests()},
		{"Usage", usageTests()},
		{"Search", searchTests()},
		{"Secrets of all keys", keySecretTests()},
		{"Reports of nodes", nodeReportTests()},
		{"Once", onceTests()},
		{"Operators", operatorTests()},
		{"Sessions of operators", operatorSessionTests()},
		{"Several nodes", nodeTests()},
		{"Everything together", machineTests(e.Orders)},
	}
	for _, group := range groups {
		t.Run(group.name, func(t *testing.T) {
			if group.name == "Several nodes" && !e.Shared {
				t.Skip("one node: a database of this engine belongs to one process at a time")
			}
			for _, test := range group.tests {
				t.Run(test.name, func(t *testing.T) { test.run(newEnv(t, e)) })
			}
		})
	}
}
