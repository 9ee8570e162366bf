package console

import (
	"net/http"

	"github.com/grantd/grantd/internal/admin"
	"github.com/grantd/grantd/internal/store"
)

// operatorList is the page of operators.
type operatorList struct {
	Operators []admin.Operator
	// Invited is there right after a link was made, and never again.
	Invited    *admin.InvitedOperator
	Name, Role string
	Wrong      map[string]string
}

func (v *visit) operatorsPage() error {
	return v.showOperators(http.StatusOK, operatorList{Role: "viewer"})
}

func (v *visit) showOperators(status int, shown operatorList) error {
	found, err := v.c.UseCases.ListOperators(v.r.Context())
	if err != nil {
		return err
	}
	shown.Operators = found.Items
	return v.render(status, "operators", "Operators", "operators", shown)
}

// refusedOperator shows the page with what was refused beside the field.
func (v *visit) refusedOperator(err error, shown operatorList) error {
	p := refusal(err)
	if p == nil {
		return err
	}
	shown.Wrong = map[string]string{p.Field: sentence(p.Detail + "; " + p.Hint)}
	return v.showOperators(p.Status, shown)
}

func (v *visit) inviteOperator() error {
	shown := operatorList{Name: v.r.PostForm.Get("name"), Role: v.r.PostForm.Get("role")}
	invited, err := v.c.UseCases.InviteOperator(v.r.Context(), v.actor(), admin.NewOperator{Name: shown.Name, Role: store.Role(shown.Role)})
	if err != nil {
		return v.refusedOperator(err, shown)
	}
	return v.showOperators(http.StatusOK, operatorList{Invited: &invited, Role: "viewer"})
}

func (v *visit) resetOperator() error {
	invited, err := v.c.UseCases.ResetOperator(v.r.Context(), v.actor(), v.r.PathValue("name"))
	if err != nil {
		return v.refusedOperator(err, operatorList{Role: "viewer"})
	}
	if invited.Name == v.operator.Name {
		v.dropSession()
	}
	return v.showOperators(http.StatusOK, operatorList{Invited: &invited, Role: "viewer"})
}

func (v *visit) setOperatorRole() error {
	_, err := v.c.UseCases.SetOperatorRole(v.r.Context(), v.actor(), v.r.PathValue("name"), store.Role(v.r.PostForm.Get("role")))
	if err != nil {
		return v.refusedOperator(err, operatorList{Role: "viewer"})
	}
	v.redirect("/console/operators?done=role")
	return nil
}

func (v *visit) removeOperator() error {
	err := v.c.UseCases.RemoveOperator(v.r.Context(), v.actor(), v.r.PathValue("name"))
	if err != nil {
		return v.refusedOperator(err, operatorList{Role: "viewer"})
	}
	v.redirect("/console/operators?done=removed")
	return nil
}
