import fc from 'fast-check'
import t from 'tap'
import { pageOf } from '../../src/routes/pages.ts'

t.test('pages of any size hold every item once, and the last one names no next', async () => {
  const list = fc.uniqueArray(fc.nat(1000))
  fc.assert(
    fc.property(list, fc.integer({ min: 1, max: 9 }), (list, limit) => {
      const sorted = list.toSorted((a, b) => a - b)
      const seen: number[] = []
      for (let after: string | null = '-1'; after !== null; ) {
        const start: number = Number(after)
        const fetched: number[] = sorted.filter((item) => item > start).slice(0, limit + 1)
        const page: { items: number[]; next: string | null } = pageOf(fetched, limit, String)
        if (page.items.length > limit) return false
        seen.push(...page.items)
        after = page.next
      }
      return seen.join() === sorted.join()
    }),
  )
})
