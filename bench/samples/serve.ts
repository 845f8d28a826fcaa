import { load, type Serve } from '../contest.ts'

/** One contestant of `http`, until it is killed, or whoever started it has ended. */
process.stdin.on('end', () => process.exit()).resume()
const [at = ''] = process.argv.slice(2)
const serve = await load<Serve>('http', at)
console.log(JSON.stringify(await serve(JSON.parse(process.env.BENCH_TOKENS ?? ''))))
