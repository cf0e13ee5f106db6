import t from 'tap'
import { UsageError } from '../../src/cli/explain.ts'
import { readKeysCommand } from '../../src/cli/keys-arguments.ts'

t.test('what the arguments ask for', async (t) => {
  t.same(readKeysCommand([]), { name: 'help' })
  t.same(readKeysCommand(['add', '-h']), { name: 'help' })
  t.same(readKeysCommand(['list']), { name: 'list' })
  t.same(readKeysCommand(['revoke', 'shop']), { name: 'revoke', key: 'shop' })
  for (const scope of ['sign-in', 'admin'])
    t.same(readKeysCommand(['add', 'Shop.1', '--scope', scope]), { name: 'add', key: 'Shop.1', scope })
})

t.test('arguments that say nothing we could do', async (t) => {
  for (const args of [
    ['make'],
    ['list', 'shop'],
    ['add'],
    ['add', 'shop'],
    ['add', 'shop', '--scope', 'all'],
    ['add', 'a b', '--scope', 'admin'],
    ['add', 'shop', 'more', '--scope', 'admin'],
    ['revoke'],
    ['revoke', 'a', 'b'],
    ['revoke', 'a', '--scope', 'admin'],
    ['add', '--unknown'],
  ])
    t.throws(() => readKeysCommand([...args]), UsageError, args.join(' '))
})
