// Users, their passwords and their orders, in a database of this app. Oneseat does not read it.

import { randomBytes, randomUUID, scryptSync, timingSafeEqual } from 'node:crypto'
import { DatabaseSync } from 'node:sqlite'

export function openUsers(path) {
  const db = new DatabaseSync(path)
  db.exec(`
    CREATE TABLE IF NOT EXISTS users (id TEXT PRIMARY KEY, name TEXT UNIQUE, salt BLOB, hash BLOB, roles TEXT);
    CREATE TABLE IF NOT EXISTS orders (user_id TEXT REFERENCES users, what TEXT)`)

  return {
    async add({ name, password }) {
      const user = { id: randomUUID(), name, salt: randomBytes(16) }
      const hash = scryptSync(password, user.salt, 32)
      db.prepare("INSERT INTO users VALUES (?, ?, ?, ?, '[]')").run(user.id, name, user.salt, hash)
      db.prepare("INSERT INTO orders VALUES (?, 'a chair')").run(user.id)
      return { id: user.id, name }
    },

    /** The user, if this is their password; else null. */
    async verify({ name, password }) {
      const user = db.prepare('SELECT * FROM users WHERE name = ?').get(name)
      if (user === undefined || !timingSafeEqual(scryptSync(password, user.salt, 32), user.hash))
        return null
      return { id: user.id, roles: JSON.parse(user.roles) }
    },

    ordersOf(userId) {
      return db.prepare('SELECT what FROM orders WHERE user_id = ?').all(userId)
    },
  }
}
