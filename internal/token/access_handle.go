package token

import "encoding/binary"

// accessVersion is the first byte of an opaque access token's payload. Version 2
// has neither mode nor static claims.
const accessVersion = 3

// appendHandle writes the claims as the payload of an opaque access token. When
// it was issued is in its id, and who issued it in the seal.
func (c *claims) appendHandle(b []byte) []byte {
	b = append(b, accessVersion)
	b = append(b, c.id.token[:]...)
	if c.id.inFamily {
		b = append(b, 1)
		b = append(b, c.id.family[:]...)
	} else {
		b = append(b, 0)
	}
	b = appendTime(b, c.expires)
	b = appendText(b, c.clientID)
	b = appendText(b, c.scope)
	b = appendTexts(b, c.audience)
	b = appendModeFlag(b, c.mode)
	b = binary.AppendUvarint(b, uint64(len(c.static)))
	return append(b, c.static...)
}

// decodeAccessHandle reads what appendHandle wrote.
func decodeAccessHandle(plain []byte, c *contents) error {
	p := open(plain, accessVersion)
	c.kind = AccessToken
	c.id.token = p.id()
	c.id.inFamily = p.flag()
	if c.id.inFamily {
		c.id.family = p.id()
	}
	c.issued = issuedAt(c.id.token)
	c.expires = p.time()
	c.clientID = p.text()
	c.scope = p.text()
	c.audience = c.first[:0]
	for n := p.unsigned(); n > 0 && !p.broken; n-- {
		c.audience = append(c.audience, p.text())
	}
	c.mode = p.mode(accessVersion)
	if p.version >= accessVersion {
		c.static = ownNames(object(p.text()))
	}
	if !p.ended() {
		return errPayload
	}
	return nil
}
