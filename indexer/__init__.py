"""Files -> symbols -> fragments -> vectors -> store. Imports nothing of ours from above."""
