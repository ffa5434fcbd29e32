"""Why a text breaks: what is known of each text, and how that goes with PIEs and flips."""
