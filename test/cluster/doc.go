// Command cluster runs several nodes of grantd on one PostgreSQL, breaks machines,
// processes and the network between them while clients go on, and checks what the
// clients saw: nothing that was acknowledged is lost, nothing that was revoked comes
// back, and tokens are issued all the time.
//
// It knows grantd only by its binary and its wire. Faults of the network need root;
// without it they are left out, and it says so.
package main
