"""An OpenAI-compatible endpoint for base models and adapters: what was trained and measured is what answers.

refusals   every error a client can meet, in OpenAI's shape
wire       requests checked, all mistakes at once; answers as JSON and as chunks
text       tokens to text, never half a character; stop texts that never slip out
voices     the models that can be asked, loaded and verified: another template, base or prompt is refused at start
answering  one answer, token by token
worker     one thread for the model, a bounded queue before it
guard      request ids, bearer tokens, host names, size of bodies
journal    the request log: counts and times, never a text
app        the routes
listening  address, tokens, start and stop
runs       the newest finished run of a rung
"""
