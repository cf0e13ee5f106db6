import t from 'tap'
import { readUsersCommand, USAGE } from '../../src/cli/arguments.ts'

t.test('add takes a name, roles, and where the password comes from', async (t) => {
  t.same(readUsersCommand(['add', 'ann']), {
    name: 'add',
    username: 'ann',
    roles: [],
    passwordFromStdin: false,
  })
  t.same(readUsersCommand(['add', '--role', 'admin', 'ann', '--role=editor', '--password-stdin']), {
    name: 'add',
    username: 'ann',
    roles: ['admin', 'editor'],
    passwordFromStdin: true,
  })
})

t.test('a role given twice is one role', async (t) => {
  t.match(readUsersCommand(['add', 'ann', '--role', 'admin', '--role', 'admin']), { roles: ['admin'] })
})

t.test('list takes nothing', async (t) => {
  t.same(readUsersCommand(['list']), { name: 'list' })
})

t.test('import takes a file, and whether part of it will do', async (t) => {
  t.same(readUsersCommand(['import', 'users.csv']), {
    name: 'import',
    file: 'users.csv',
    partial: false,
  })
  t.same(readUsersCommand(['import', '--partial', 'u.jsonl']), {
    name: 'import',
    file: 'u.jsonl',
    partial: true,
  })
})

t.test('most commands take a name', async (t) => {
  for (const name of ['reset-link', 'disable', 'enable', 'signout', 'delete', 'export', 'why'])
    t.same(readUsersCommand([name, 'ann']), { name, username: 'ann' })
})

t.test('roles takes a name and the roles, rename two names', async (t) => {
  const roles = (...args: string[]) => readUsersCommand(['roles', 'ann', ...args])
  t.same(roles('admin', 'editor'), { name: 'roles', username: 'ann', roles: ['admin', 'editor'] })
  t.same(roles('--role', 'admin', 'admin'), { name: 'roles', username: 'ann', roles: ['admin'] })
  t.same(roles(), { name: 'roles', username: 'ann', roles: [] })
  const renamed = { name: 'rename', username: 'ann', to: 'anna' }
  t.same(readUsersCommand(['rename', 'ann', 'anna']), renamed)
})

t.test('password takes a name, and where the password comes from', async (t) => {
  const ann = { name: 'password', username: 'ann' }
  t.same(readUsersCommand(['password', 'ann']), { ...ann, passwordFromStdin: false })
  t.same(readUsersCommand(['password', '--password-stdin', 'ann']), { ...ann, passwordFromStdin: true })
})

t.test('whoever asks for nothing, or for help, is told what there is', async (t) => {
  for (const args of [[], ['--help'], ['-h'], ['add', '--help']]) {
    t.same(readUsersCommand(args), { name: 'help' })
  }
  t.match(USAGE, 'add NAME')
  t.match(USAGE, 'list')
})

const MISTAKES: readonly [args: string[], why: RegExp][] = [
  [['ad'], /no command ad/],
  [['add'], /one name/],
  [['add', 'ann', 'bob'], /one name/],
  [['list', 'ann'], /no arguments/],
  [['import'], /one file/],
  [['import', 'a', 'b'], /one file/],
  [['import', 'a', '--role', 'admin'], /one file/],
  [['why'], /one name/],
  [['delete'], /one name/],
  [['delete', 'ann', 'bob'], /one name/],
  [['roles'], /a name and roles/],
  [['roles', 'ann', '--partial'], /a name and roles/],
  [['roles', 'ann', 'Admin!'], /Admin! cannot be a role/],
  [['rename', 'ann'], /two names/],
  [['rename', 'ann', 'anna', 'anne'], /two names/],
  [['password'], /one name/],
  [['password', 'ann', 'bob'], /one name/],
  [['password', 'ann', '--role', 'admin'], /one name/],
  [['why', 'ann', '--partial'], /one name/],
  [['add', 'ann', '--partial'], /one name/],
  [['list', '--role', 'admin'], /no arguments/],
  [['add', 'ann', '--role', 'Admin!'], /Admin! cannot be a role/],
  [['add', 'ann', '--role'], /--role/],
  [['add', 'ann', '--password', 'secret'], /'--password'/],
  [['add', 'ann', '--password-stdin=secret'], /--password-stdin/],
]
for (const [args, why] of MISTAKES) {
  t.test(`refused: ${args.join(' ')}`, async (t) => {
    t.throws(() => readUsersCommand(args), { name: 'UsageError', message: why })
  })
}
