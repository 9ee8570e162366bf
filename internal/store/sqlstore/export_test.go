package sqlstore

import "time"

// SetSettleTime is for how long a store on PostgreSQL tries to find out what became
// of a COMMIT.
func SetSettleTime(s *Store, d time.Duration) { s.engine.(*postgresEngine).settleTime = d }
