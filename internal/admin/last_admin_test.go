package admin_test

import (
	"testing"

	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/internal/store"
)

// Another node takes the other admin away between the look and the write.
func TestTheLastAdminStaysWhoeverIsFaster(t *testing.T) {
	for name, take := range map[string]func(u *admin.UseCases) error{
		"role": func(u *admin.UseCases) error {
			_, err := u.SetOperatorRole(t.Context(), "test", "ada", store.Viewer)
			return err
		},
		"removal": func(u *admin.UseCases) error { return u.RemoveOperator(t.Context(), "test", "ada") },
	} {
		t.Run(name, func(t *testing.T) {
			s := start(t, t.TempDir())
			for _, who := range []string{"ada", "bob"} {
				_, err := s.store.Write(t.Context(), store.Origin{Actor: "test", At: s.clock.Now()}, store.CreateOperator{Operator: store.Operator{
					ID: who, Name: who, Role: store.Admin, CreatedAt: s.clock.Now(), UpdatedAt: s.clock.Now(),
					Credentials: []store.OperatorCredential{{ID: "p", Kind: store.Passkey, CreatedAt: s.clock.Now()}},
				}})
				if err != nil {
					t.Fatal(err)
				}
			}
			u := &admin.UseCases{
				Store: overtaken{s.store, store.SetOperatorRole{ID: "bob", Role: store.Viewer}}, Operators: s.store, Mirror: s.mirror, Now: s.clock.Now,
			}
			checkProblem(t, take(u), 409, `"ada" is the last admin who can sign in`)
			ada, err := s.store.Operator(t.Context(), "ada")
			if err != nil || ada.Role != store.Admin {
				t.Errorf("got %+v, %v", ada, err)
			}
		})
	}
}
