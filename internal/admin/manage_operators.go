package admin

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/grantd/grantd/internal/store"
	"github.com/grantd/grantd/internal/web"
)

// ListOperators returns the people who use the console, oldest first.
func (u *UseCases) ListOperators(ctx context.Context) (Page[Operator], error) {
	records, err := u.Operators.Operators(ctx)
	if err != nil {
		return Page[Operator]{}, storeProblem(err)
	}
	page := Page[Operator]{Items: make([]Operator, 0, len(records))}
	for _, record := range records {
		page.Items = append(page.Items, operatorFrom(record, u.now()))
	}
	return page, nil
}

// InviteOperator adds an operator who sets up with a link how they sign in.
func (u *UseCases) InviteOperator(ctx context.Context, actor string, in NewOperator) (InvitedOperator, error) {
	if in.Role == "" {
		in.Role = store.Viewer
	}
	err := CheckOperatorName(in.Name)
	if err == nil {
		err = checkRole(in.Role)
	}
	if err != nil {
		return InvitedOperator{}, err
	}
	at := u.now()
	operator := store.Operator{ID: rand.Text(), Name: in.Name, Role: in.Role, CreatedAt: at, UpdatedAt: at}
	link, credential := u.newLink(operator.ID, at)
	operator.Credentials = []store.OperatorCredential{credential}
	err = u.write(ctx, actor, at, store.CreateOperator{Operator: operator})
	if errors.Is(err, store.ErrConflict) {
		return InvitedOperator{}, conflict("name", fmt.Sprintf("there is an operator %s already", quoted(in.Name)),
			"choose another name, or make a new link for this operator with a reset")
	}
	if err != nil {
		return InvitedOperator{}, err
	}
	return InvitedOperator{operatorFrom(operator, at), link}, nil
}

// ResetOperator takes away everything that an operator signs in with, ends the sessions,
// and gives a new link.
func (u *UseCases) ResetOperator(ctx context.Context, actor, name string) (InvitedOperator, error) {
	operator, err := u.operatorNamed(ctx, name)
	if err != nil {
		return InvitedOperator{}, err
	}
	at := u.now()
	var mutations []store.Mutation
	for _, c := range operator.Credentials {
		mutations = append(mutations, store.RemoveOperatorCredential{OperatorID: operator.ID, ID: c.ID})
	}
	link, credential := u.newLink(operator.ID, at)
	mutations = append(mutations, store.AddOperatorCredential{OperatorID: operator.ID, Credential: credential})
	err = u.write(ctx, actor, at, mutations...)
	if err == nil {
		err = u.Operators.DeleteSessions(ctx, operator.ID)
	}
	if err != nil {
		return InvitedOperator{}, storeProblem(err)
	}
	operator.Credentials = []store.OperatorCredential{credential}
	return InvitedOperator{operatorFrom(operator, at), link}, nil
}

// SetOperatorRole changes what an operator may do, from their next request on.
func (u *UseCases) SetOperatorRole(ctx context.Context, actor, name string, role store.Role) (Operator, error) {
	err := checkRole(role)
	if err != nil {
		return Operator{}, err
	}
	u.operators.Lock()
	defer u.operators.Unlock()
	operator, err := u.operatorNamed(ctx, name)
	if err == nil && role != store.Admin {
		err = u.keepAnAdmin(ctx, operator)
	}
	if err == nil {
		err = u.write(ctx, actor, u.now(), store.SetOperatorRole{ID: operator.ID, Role: role})
	}
	if err != nil {
		return Operator{}, operatorProblem(name, err)
	}
	operator.Role = role
	return operatorFrom(operator, u.now()), nil
}

// RemoveOperator removes an operator and ends the sessions.
func (u *UseCases) RemoveOperator(ctx context.Context, actor, name string) error {
	u.operators.Lock()
	defer u.operators.Unlock()
	operator, err := u.operatorNamed(ctx, name)
	if err == nil {
		err = u.keepAnAdmin(ctx, operator)
	}
	if err == nil {
		err = u.write(ctx, actor, u.now(), store.DeleteOperator{ID: operator.ID})
	}
	return operatorProblem(name, err)
}

// keepAnAdmin refuses to take the last admin away, if others would be left who could not
// manage themselves. With nobody left, the next start gives a link for a first one.
func (u *UseCases) keepAnAdmin(ctx context.Context, leaving store.Operator) error {
	all, err := u.Operators.Operators(ctx)
	if err != nil {
		return storeProblem(err)
	}
	another := slices.ContainsFunc(all, func(o store.Operator) bool {
		return o.ID != leaving.ID && o.Role == store.Admin && operatorFrom(o, u.now()).CanSignIn()
	})
	if another || leaving.Role != store.Admin || !operatorFrom(leaving, u.now()).CanSignIn() {
		return nil
	}
	return lastAdmin(leaving.Name)
}

func lastAdmin(name string) error {
	return conflict("name", fmt.Sprintf("%s is the last admin who can sign in", quoted(name)), "make another operator an admin first")
}

func (u *UseCases) operatorNamed(ctx context.Context, name string) (store.Operator, error) {
	operator, err := u.Operators.OperatorNamed(ctx, name)
	return operator, operatorProblem(name, err)
}

func operatorProblem(name string, err error) error {
	_, told := errors.AsType[*web.Problem](err)
	if !told && errors.Is(err, store.ErrNotFound) {
		return notFound("operator", name, "list the operators to see their names")
	}
	if !told && errors.Is(err, store.ErrConflict) {
		// Another node has taken the other one away at the same moment.
		return lastAdmin(name)
	}
	if err == nil {
		return nil
	}
	return storeProblem(err)
}

// CheckOperatorName refuses names that would not be typed the same way twice.
func CheckOperatorName(name string) error {
	const most = 64
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || strings.ContainsRune("._@+-", r)
	}
	if name == "" || len(name) > most || strings.ContainsFunc(name, func(r rune) bool { return !plain(r) }) {
		return invalid("name", "the name is not 1 to 64 of a-z, 0-9 and . _ @ + -", "use a short name or an email address, such as ada@example.com")
	}
	return nil
}

func checkRole(role store.Role) error {
	switch role {
	case store.Viewer, store.Developer, store.Admin:
		return nil
	}
	return invalid("role", fmt.Sprintf("there is no role %s", quoted(string(role))), "use viewer, developer or admin")
}
