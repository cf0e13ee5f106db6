import t from 'tap'
import { skeletonOf } from '../../src/accounts/skeleton.ts'
import { canonicalUsername } from '../../src/accounts/username.ts'

t.test('names that look the same have the same skeleton', async (t) => {
  for (const [one, other] of [
    ['ann', 'аnn'],
    ['ann', 'ɑnn'],
    ['scope', 'ѕсоре'],
    ['paypal', 'paypa1'],
    ['ibrahim', 'İbrahim'],
    ['jan', 'j\u0307an'],
    ["o'neill", 'o’neill'],
    ['torn', 'tom'],
    ['đuro', 'd\u0335uro'],
    ['ļuks', 'l\u0327uks'],
  ] as const)
    t.equal(skeletonOf(canonicalUsername(one) ?? ''), skeletonOf(canonicalUsername(other) ?? ''), other)
})

t.test('others have not', async (t) => {
  const names = [
    'ann',
    'anna',
    'änn',
    'анна',
    'bob',
    'bób',
    '李小龍',
    'ann-1',
    'ann-2',
    'żaneta',
    'zaneta',
  ]
  t.equal(new Set(names.map(skeletonOf)).size, names.length)
})
