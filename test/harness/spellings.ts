export { es256Twin, spellings, trailingBitVariants } from '../../src/testing/auth-audits/spellings.ts'
