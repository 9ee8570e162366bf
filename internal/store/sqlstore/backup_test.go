package sqlstore_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/internal/store/sqlstore"
)

var backupTime = time.Date(2026, 5, 4, 3, 2, 1, 0, time.UTC)

func restoration(database, file string) sqlstore.Restoration {
	return sqlstore.Restoration{Database: database, File: file, By: store.Origin{Actor: "uid:0", At: backupTime}}
}

// backedUp is a database with one key, closed, and a backup of it.
func backedUp(t *testing.T) (path, file string) {
	t.Helper()
	dir := t.TempDir()
	path, file = filepath.Join(dir, "grantd.db"), filepath.Join(dir, "backup.db")
	s := open(t, path)
	create(t, s, "a")
	s.Close()
	_, err := sqlstore.Backup(t.Context(), path, file)
	if err != nil {
		t.Fatal(err)
	}
	return path, file
}

func TestABackupOfADatabaseInUseIsOfOneMoment(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "grantd.db")
	s := open(t, path)
	defer s.Close()
	stop := make(chan struct{})
	var writing sync.WaitGroup
	writing.Go(func() {
		for n := 0; ; n++ {
			select {
			case <-stop:
				return
			default:
				create(t, s, fmt.Sprint("key-", n))
			}
		}
	})
	for n := range 5 {
		file := filepath.Join(dir, fmt.Sprint("backup-", n))
		contents, err := sqlstore.Backup(t.Context(), path, file)
		if err != nil {
			t.Error(err)
			break
		}
		// Each key is one row of the trail, in the same transaction.
		if contents.Keys != contents.AuditRows || contents.Schema == 0 {
			t.Errorf("got %+v", contents)
		}
		info, err := os.Stat(file)
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("the mode is %v, %v", info.Mode(), err)
		}
	}
	close(stop)
	writing.Wait()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if strings.Contains(entry.Name(), ".new-") {
			t.Errorf("%s was left behind", entry.Name())
		}
	}
}

func TestABackupOverwritesNothing(t *testing.T) {
	path, file := backedUp(t)
	before, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(t.TempDir(), "link")
	err = os.Symlink("/nowhere", link)
	if err != nil {
		t.Fatal(err)
	}
	for _, to := range []string{file, link, path, filepath.Dir(path)} {
		_, err = sqlstore.Backup(t.Context(), path, to)
		if err == nil || !strings.Contains(err.Error(), "is there already") {
			t.Errorf("%s: got %v", to, err)
		}
	}
	after, err := os.ReadFile(file)
	if err != nil || string(after) != string(before) {
		t.Errorf("the file was changed, %v", err)
	}
}

func TestARestoredDatabaseIsTheBackupInANewEpoch(t *testing.T) {
	path, file := backedUp(t)
	s := open(t, path)
	create(t, s, "later")
	revocation := store.Revocation{ID: store.TokenID{1}, ExpiresAt: backupTime.Add(time.Hour)}
	lost, err := s.Write(t.Context(), store.Origin{Actor: "uid:0", At: backupTime}, store.RevokeToken{Revocation: revocation})
	if err != nil {
		t.Fatal(err)
	}
	s.Close()
	done, err := sqlstore.Restore(t.Context(), restoration(path, file))
	if err != nil {
		t.Fatal(err)
	}
	if done.Lost != 2 || done.Keys != 1 || !strings.HasPrefix(done.Replaced, path+".replaced-") {
		t.Errorf("got %+v", done)
	}
	s = open(t, path)
	defer s.Close()
	before, err := s.NotBefore(t.Context())
	if err != nil || !before.Equal(backupTime) {
		t.Errorf("tokens are good since %s, %v", before, err)
	}
	clients, err := s.Clients(t.Context(), "", 10)
	if err != nil || len(clients) != 1 || clients[0].ID != "a" {
		t.Errorf("got %d keys, %v", len(clients), err)
	}
	// Whoever knows the lost history notices, also once the new one is as long.
	for range 3 {
		_, err = s.Changes(t.Context(), lost, 10)
		if err == nil {
			t.Error("the feed continues from the history that was lost")
		}
		create(t, s, fmt.Sprint("new-", time.Now().UnixNano()))
	}
	replaced := open(t, done.Replaced)
	defer replaced.Close()
	_, err = replaced.Client(t.Context(), "later")
	if err != nil {
		t.Errorf("the replaced database has lost a key: %v", err)
	}
}

func TestWhatIsNoWholeBackupIsNotRestored(t *testing.T) {
	path, file := backedUp(t)
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, spoil := range map[string]func(t *testing.T, file string){
		"it is cut":                    func(t *testing.T, file string) { write(t, file, whole[:len(whole)/2]) },
		"it is empty":                  func(t *testing.T, file string) { write(t, file, nil) },
		"it is no database":            func(t *testing.T, file string) { write(t, file, []byte(strings.Repeat("text ", 5000))) },
		"a page is overwritten":        func(t *testing.T, file string) { write(t, file, scribbled(whole)) },
		"an audit row was changed":     func(t *testing.T, file string) { behind(t, file, "UPDATE audit_rows SET actor = 'uid:9'") },
		"the end of the trail is gone": func(t *testing.T, file string) { behind(t, file, "DELETE FROM audit_rows") },
		"the end of the feed is gone":  func(t *testing.T, file string) { behind(t, file, "DELETE FROM changes") },
		"it is of another program":     func(t *testing.T, file string) { behind(t, file, "PRAGMA application_id = 1") },
		"a secret belongs to no key": func(t *testing.T, file string) {
			behind(t, file, "INSERT INTO client_secrets (client_id, id, position, hash, created_at) VALUES ('nobody', '1', 0, x'00', 0)")
		},
		"it is missing":           func(_ *testing.T, file string) { os.Remove(file) },
		"it is a database in use": func(t *testing.T, file string) { write(t, file+"-wal", []byte("log")) },
	} {
		t.Run(name, func(t *testing.T) {
			bad := filepath.Join(dir, strings.ReplaceAll(name, " ", "-"))
			write(t, bad, whole)
			spoil(t, bad)
			_, err := sqlstore.Restore(t.Context(), restoration(path, bad))
			if err == nil {
				t.Fatal("it was restored")
			}
			entries, err := os.ReadDir(filepath.Dir(path))
			if err != nil || len(entries) != 3 {
				t.Errorf("beside the database lie %v, %v", entries, err)
			}
			s := open(t, path)
			defer s.Close()
			_, err = s.Client(t.Context(), "a")
			if err != nil {
				t.Errorf("the database has lost a key: %v", err)
			}
		})
	}
}

// scribbled is a database whose last pages are of no use.
func scribbled(whole []byte) []byte {
	spoilt := append([]byte{}, whole...)
	for i := 4096; i < len(spoilt); i += 4096 {
		copy(spoilt[i:], strings.Repeat("\xff", 64))
	}
	return spoilt
}

func TestADatabaseInUseIsNotReplaced(t *testing.T) {
	path, file := backedUp(t)
	s := open(t, path)
	defer s.Close()
	_, err := sqlstore.Restore(t.Context(), restoration(path, file))
	if err == nil || !strings.Contains(err.Error(), "is using the database") {
		t.Errorf("got %v", err)
	}
}

func TestADamagedDatabaseIsReplacedAndKept(t *testing.T) {
	path, file := backedUp(t)
	for _, content := range []string{"not a database at all, but some text of some length", ""} {
		write(t, path, []byte(content))
		write(t, path+"-wal", []byte("a log of which nothing can be read"))
		r := restoration(path, file)
		r.By.At = r.By.At.Add(time.Duration(len(content)) * time.Second)
		done, err := sqlstore.Restore(t.Context(), r)
		if err != nil {
			t.Fatal(err)
		}
		kept, err := os.ReadFile(done.Replaced)
		if err != nil || content != "" && string(kept) != content {
			t.Errorf("kept %q, %v", kept, err)
		}
		s := open(t, path)
		_, err = s.Client(t.Context(), "a")
		if err != nil {
			t.Error(err)
		}
		s.Close()
	}
}

func TestABackupIsRestoredWhereNothingIs(t *testing.T) {
	_, file := backedUp(t)
	path := filepath.Join(t.TempDir(), "grantd.db")
	done, err := sqlstore.Restore(t.Context(), restoration(path, file))
	if err != nil || done.Replaced != "" {
		t.Fatalf("got %+v, %v", done, err)
	}
	s := open(t, path)
	defer s.Close()
	_, err = s.Client(t.Context(), "a")
	if err != nil {
		t.Error(err)
	}
}
