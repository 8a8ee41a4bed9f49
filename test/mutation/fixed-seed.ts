import fc from 'fast-check';

// A mutant must not live or die by luck.
fc.configureGlobal({ seed: 28 });
