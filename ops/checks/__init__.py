"""What `casewright doctor` looks at. A check returns what it found, in a few words, or raises Trouble with why not."""
