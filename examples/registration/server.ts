// The server, with fields to sign up and to reset a forgotten password, both by a link that is mailed.
// Run it with: npm run example examples/registration/server.ts

import { GraphQLError } from 'graphql'
import { type Extend, readEnvironment, type ServerContext, startServer } from 'graphql-authx/server'
import { Links } from './links.ts'

const links = new Links(process.env.LINKS ?? 'links.db')

/** One address as it is, without quotes, names or comments: nothing that a mailer would take for two, or for another. */
const ADDRESS = /^[^\s\p{C}"(),:;<>@[\]\\]+@[^\s\p{C}"(),:;<>@[\]\\]+$/u

/** Yours: this one only shows what it would send. Hand it to a queue: what a mailer does here takes time that others feel. */
async function mail(to: string, text: string): Promise<void> {
  console.log(`mail to ${to}: ${text}`)
}

/** Lets nobody wait for work, since how long it takes would tell whether somebody has an account. */
function later(work: () => Promise<void>): true {
  work().catch((error: unknown) => console.error(error))
  return true
}

const BAD_LINK = 'link: is spent, or too old'

function refuse(message: string): never {
  throw new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT' } })
}

const registration: Extend = ({ accounts, limit }) => {
  const mailsBySource = limit({ name: 'mails-source', tries: 20, window: 3600 })
  const mailsByAddress = limit({ name: 'mails-address', tries: 3, window: 3600 })
  const linksBySource = limit({ name: 'links-source', tries: 20, window: 3600 })

  /** The same for every address, whoever has it, also where the tries have run out. */
  const admit = async (email: string, source: string): Promise<void> => {
    if (email.length > 254 || !ADDRESS.test(email)) refuse('email: is no address')
    await mailsBySource.take(source)
    await mailsByAddress.take(email)
  }

  return {
    typeDefs: /* GraphQL */ `
      extend type Mutation {
        "Mails a link with which to choose a password. True, whoever has the address."
        signUp(email: String!): Boolean! @public
        "Mails a link with which to choose a new password, if somebody has the address. True in any case."
        forgotPassword(email: String!): Boolean! @public
        "Spends a link that was mailed. After a new password every session of the user is over."
        setPassword(link: String!, password: String!): Boolean! @public
      }
    `,
    resolvers: {
      Mutation: {
        async signUp(_, { email }, { source }: ServerContext) {
          await admit(email, source)
          return later(async () => {
            const user = await accounts.findByUsername(email)
            // For nobody where there is an account: the time that it takes to write one is felt by whoever asks next.
            const link = links.create(user === undefined ? { account: null, email } : undefined)
            if (user === undefined) {
              await mail(email, `Welcome! Choose a password: ${link}`)
            } else {
              await mail(user.username, 'Somebody wanted to sign up with your address. You have an account.')
            }
          })
        },
        async forgotPassword(_, { email }, { source }: ServerContext) {
          await admit(email, source)
          return later(async () => {
            const user = await accounts.findByUsername(email)
            // To the address of the account, never to the one that was typed: that may only look the same.
            const link = links.create(user && { account: user.id, email: user.username })
            if (user !== undefined) await mail(user.username, `Choose a new password: ${link}`)
          })
        },
        async setPassword(_, { link, password }, { source }: ServerContext) {
          await linksBySource.take(source)
          // All that can go wrong before the link is spent, so that it can be used again: a bad password, and no turn to hash it.
          const fault = accounts.faultOf(password)
          if (fault !== undefined) refuse(`password: ${fault}`)
          if (!links.isGood(link)) refuse(BAD_LINK)
          const passwordHash = await accounts.hashPassword(password)
          const isSet = await links.spend(link, async ({ account, email }) =>
            account === null
              ? (await accounts.register(email, { passwordHash })) !== undefined
              : accounts.resetPassword(account, { passwordHash }),
          )
          return isSet ?? refuse(BAD_LINK)
        },
      },
    },
    // Two in one operation would wait for each other, and the time of both tell what one of them found.
    once: ['signUp', 'forgotPassword', 'setPassword'],
  }
}

const server = await startServer(readEnvironment(), { extend: registration })
console.log(`${server.url}/graphql`)
