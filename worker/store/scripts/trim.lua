-- Entries older than an id go. args: {least id to keep}. Answer: how many went.
return trim('MINID', '~', args[1])
